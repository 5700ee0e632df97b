//! Credits that come back to a purchase under a fraud warning: at no moment can they be spent.

use super::{
    two,
    warned::{payment, stands},
};
use ledger::{Cause, CauseKind, Command, FrozenReason, Movement, Purpose};
use money::{Money, PositiveMoney};
use suite::shop::Shop;
use support::Fault;
use terms::{Actor, Fingerprint, HoldId};

/// An approved refund that Stripe refuses returns its hold to a purchase under a warning.
#[tokio::test]
async fn what_a_refused_refund_returns_is_frozen_too() {
    // All of the purchase is held for the refund when its bank warns, or a part of it.
    for (asked, frozen) in [("100", "0.00"), ("60", "40.00")] {
        let it = two().await;
        it.approved_and_lost(asked, "drop").await;
        it.shop.warn_of_fraud(payment(&it.first)).await;
        it.shop.deliver_all().await;
        assert_eq!(stands(&it.shop).await, ["50.00", "100.00", "0.00"], "{asked}: {frozen} for the warning");
        it.shop.later(2 * 86_400);
        it.shop.recover().await.unwrap();
        assert_eq!(stands(&it.shop).await, ["50.00", "100.00", "0.00"], "{asked}");
    }
}

/// Whether 51.00 could be held, which only the purchase under the warning has.
async fn could_spend(shop: &Shop) -> bool {
    let id = HoldId::parse("pur_attempt").unwrap();
    let amount = PositiveMoney::new(Money::parse("51").unwrap()).unwrap();
    let movement = Movement {
        organization: shop.org("org_a"),
        cause: Cause::new(CauseKind::ContactsHold, id.as_str()),
        fingerprint: Fingerprint::of(&[id.as_str()]),
        actor: Actor::user("u"),
        occurred_at: None,
        description: "an attempt".to_owned(),
        command: Command::Hold { id, purpose: Purpose::Contacts, amount },
    };
    shop.world.post(&movement).await.expect("an answer").is_ok()
}

/// A refund of a purchase under a warning, its failure, a dispute and its end move its credits in several transactions.
#[tokio::test]
async fn between_two_movements_of_a_purchase_under_a_warning_nothing_of_it_can_be_spent() {
    for at in 0.. {
        let it = two().await;
        it.shop.warn_of_fraud(payment(&it.first)).await;
        it.shop.deliver_all().await;
        let steps = async {
            let refund = it.shop.refund(payment(&it.first), 2_000).await;
            it.shop.deliver_all().await;
            it.shop.settle_refund(&refund, "failed").await;
            it.shop.deliver_all().await;
            let dispute = it.shop.dispute(payment(&it.first), 5_000).await;
            it.shop.deliver_all().await;
            it.shop.close_dispute(&dispute, "won").await;
            it.shop.deliver_all().await;
        };
        let died = it.shop.world.dies_at(at, Fault::DiesAfter, steps).await;
        assert!(!could_spend(&it.shop).await, "after call {at}");
        it.shop.deliver_all().await;
        it.shop.later(1_000);
        it.shop.recover().await.unwrap();
        let account = it.shop.world.ledger.account(&it.shop.org("org_a")).await.unwrap();
        assert!(
            !account.frozen.values().any(|reason| *reason == FrozenReason::FraudWarning),
            "after call {at}"
        );
        if !died {
            assert!(at > 30, "{at}");
            break;
        }
    }
}
