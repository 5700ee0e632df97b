//! A grant and a dismissal of one fact that meet: one of them is done, and it is the one on record.

use super::{decide, in_review, invoices, ordered};
use billing::{ManualReview, Reason, ReviewDecision, ReviewReason, ReviewRefusal};
use money::Money;
use serde_json::json;
use suite::{gateway::read, shop::Shop};
use support::Gate;
use terms::Actor;

/// One decision waits before its write while the other is taken: answers what became of the one that waited.
async fn meet(
    shop: &Shop,
    fact: (&str, ReviewReason, &str),
    waits: Option<&str>,
    passes: Option<&str>,
) -> Result<ManualReview, ReviewRefusal> {
    let (object, quarantine, organization) = fact;
    let gate = Gate::default();
    let slow = shop.billing_behind(&gate).await;
    let resolve = ReviewDecision {
        object: object.into(),
        review_reason: quarantine,
        grant: waits.map(|amount| Money::parse(amount).unwrap()),
        organization: Some(shop.org(organization)),
        new_organization: true,
        reason: Reason::parse("looked into").expect("a reason"),
        actor: Actor::system("finance"),
    };
    let meeting = async {
        gate.reached().await;
        let reason = serde_json::to_value(quarantine).unwrap();
        let whose = passes.map_or(json!({}), |_| json!({"organizationId": organization}));
        let answer = decide(shop, object, reason.as_str().unwrap(), passes, whose).await;
        assert_eq!(answer.status(), 200, "{}", read(&answer).1);
        gate.open();
    };
    let (waited, ()) = tokio::join!(slow.review.decide(&resolve), meeting);
    waited.unwrap()
}

async fn granted_on_record(shop: &Shop) -> Option<String> {
    let facts = shop.billing.review.all().await.unwrap();
    let resolution = facts[0].resolution.clone().expect("it was decided");
    resolution.granted.map(|granted| granted.to_string())
}

#[tokio::test]
async fn a_dismissal_that_comes_first_leaves_an_orders_grant_undone() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    let fact = (session.as_str(), ReviewReason::AmountMismatch, "org_a");
    assert_eq!(meet(&it.shop, fact, Some("250"), None).await, Err(ReviewRefusal::Resolved));
    assert_eq!((it.available().await.as_str(), granted_on_record(&it.shop).await), ("0.00", None));
    assert_eq!(it.shown().await["inReview"], false);
}

#[tokio::test]
async fn a_grant_that_comes_first_leaves_an_orders_dismissal_undone() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    let fact = (session.as_str(), ReviewReason::AmountMismatch, "org_a");
    assert_eq!(meet(&it.shop, fact, None, Some("250")).await, Err(ReviewRefusal::Resolved));
    let record = granted_on_record(&it.shop).await;
    assert_eq!((it.available().await.as_str(), record.as_deref()), ("250.00", Some("250.00")));
    assert_eq!(it.shown().await["status"], "paid");
}

#[tokio::test]
async fn of_a_grant_and_a_dismissal_of_an_invoice_the_first_counts() {
    let (shop, _, invoice) = invoices::unknown().await;
    let fact = (invoice.as_str(), ReviewReason::OrganizationUnknown, "org_s");
    assert_eq!(meet(&shop, fact, Some("400"), None).await, Err(ReviewRefusal::Resolved));
    assert_eq!((shop.available("org_s").await.as_str(), granted_on_record(&shop).await), ("0.00", None));

    let (shop, _, invoice) = invoices::unknown().await;
    let fact = (invoice.as_str(), ReviewReason::OrganizationUnknown, "org_s");
    assert_eq!(meet(&shop, fact, None, Some("400")).await, Err(ReviewRefusal::Resolved));
    assert_eq!(granted_on_record(&shop).await.as_deref(), Some("400.00"));
    assert_eq!((shop.available("org_s").await.as_str(), in_review(&shop).await.len()), ("400.00", 0));
}
