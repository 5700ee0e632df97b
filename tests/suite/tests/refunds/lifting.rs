//! Finance lifts a warning while something else happens to what it froze.

use super::two;
use billing::{ManualReview, Reason, ReviewDecision, ReviewReason};
use support::Gate;
use terms::Actor;

#[tokio::test]
async fn a_lift_that_meets_the_same_release_by_another_step_is_decided_all_the_same() {
    let it = two().await;
    let payment = it.payment();
    let warning = it.shop.warn_of_fraud(payment).await;
    let refund = it.shop.refund(payment, 4_000).await;
    it.shop.deliver_all().await;
    assert_eq!(it.stands("org_a").await.1, "60.00", "what is left of the purchase is frozen");
    let gate = Gate::default();
    let slow = it.shop.billing_behind(&gate).await;
    let lift = ReviewDecision {
        object: warning.as_str().into(),
        review_reason: ReviewReason::EarlyFraudWarning,
        grant: None,
        organization: None,
        new_organization: false,
        reason: Reason::parse("the owner knows the payment").expect("a reason"),
        actor: Actor::system("finance"),
    };
    // WHEN the refund fails before finance's transaction: its credits come back, and the hold is released to be opened
    // anew with them, under the cause that the lift's own release has.
    let meanwhile = async {
        gate.reached().await;
        it.shop.settle_refund(&refund, "failed").await;
        it.shop.deliver_all().await;
        assert_eq!(it.stands("org_a").await.1, "100.00", "all of it is frozen anew");
        gate.open();
    };
    let (lifted, ()) = tokio::join!(slow.review.decide(&lift), meanwhile);
    // THEN the decision is on record, and nothing is frozen.
    let lifted = lifted.unwrap().unwrap();
    let key = ManualReview::key_of(&warning, ReviewReason::EarlyFraudWarning);
    let stored = it.shop.world.work.get::<ManualReview>(&key).await.unwrap().expect("it stands").record;
    assert!(stored.resolution.is_some(), "the decision is not lost");
    assert_eq!(stored, lifted);
    let (available, held, _) = it.stands("org_a").await;
    assert_eq!((available.as_str(), held.as_str()), ("150.00", "0.00"));
    // Its event again freezes nothing.
    it.shop.deliver_all().await;
    it.shop.recover().await.unwrap();
    assert_eq!(it.stands("org_a").await.1, "0.00");
}
