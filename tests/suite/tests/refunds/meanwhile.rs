//! What else happens to a purchase while a refund of it is held.

use super::{Two, refund_of, two};
use billing::RefundRequestStatus;
use ledger::FrozenReason;
use serde_json::json;

async fn next_look(it: &Two) {
    it.shop.later(301);
    it.shop.recover().await.unwrap();
}

#[tokio::test]
async fn stripe_refuses_because_a_dispute_is_open_and_the_hold_is_released() {
    for dispute_is_told in [true, false] {
        let it = two().await;
        let id = it.approved_and_lost("60", "drop").await;
        let dispute = it.shop.dispute(it.payment(), 3_000).await;
        if dispute_is_told {
            it.shop.deliver_reversals().await;
        } else {
            it.shop.events_are_forgotten().await;
        }
        next_look(&it).await;
        assert_eq!(it.request(&id).await.status, RefundRequestStatus::Failed, "{dispute_is_told}");
        assert_eq!(it.stands("org_a").await.1, "0.00", "{dispute_is_told}: nothing is held any more");
        it.shop.deliver_reversals().await;
        assert_eq!(it.stands("org_a").await.0, "120.00", "{dispute_is_told}: the dispute took 30.00");
        it.shop.close_dispute(&dispute, "won").await;
        it.shop.deliver_reversals().await;
        it.assert_failed(&id, "after the dispute").await;
        assert!(it.shop.at_stripe("refunds").await.is_empty());
    }
}

#[tokio::test]
async fn a_refund_at_the_dashboard_beside_ours_takes_its_own_and_ours_its_own() {
    for dashboard_first in [true, false] {
        let it = two().await;
        let id = it.approved_and_lost("60", "drop").await;
        it.shop.refund(it.payment(), 3_000).await;
        if dashboard_first {
            it.shop.deliver_reversals().await;
            let lots = vec!["10.00".to_owned(), "50.00".to_owned()];
            assert_eq!(it.stands("org_a").await, ("60.00".to_owned(), "60.00".to_owned(), lots));
        }
        next_look(&it).await;
        it.shop.deliver_reversals().await;
        assert_eq!(it.request(&id).await.status, RefundRequestStatus::Refunded);
        let lots = vec!["10.00".to_owned(), "50.00".to_owned()];
        assert_eq!(
            it.stands("org_a").await,
            ("60.00".to_owned(), "0.00".to_owned(), lots),
            "{dashboard_first}"
        );
    }
}

#[tokio::test]
async fn a_full_refund_at_the_dashboard_leaves_ours_refused_and_its_hold_pays_back_what_was_drawn() {
    for dashboard_first in [true, false] {
        let it = two().await;
        it.shop.spend("org_a", "0.01").await;
        let id = it.approved_and_lost("60", "drop").await;
        it.shop.refund(it.payment(), 10_000).await;
        if dashboard_first {
            it.shop.deliver_reversals().await;
            assert_eq!(it.stands("org_a").await.1, "60.00");
        } else {
            it.shop.events_are_forgotten().await;
        }
        next_look(&it).await;
        it.shop.deliver_reversals().await;
        assert_eq!(it.request(&id).await.status, RefundRequestStatus::Failed, "{dashboard_first}");
        let (available, held, _) = it.stands("org_a").await;
        assert_eq!(
            (available.as_str(), held.as_str()),
            ("49.99", "0.00"),
            "{dashboard_first}: 100.00 were taken"
        );
    }
}

/// Our refund was made, its answer lost; the payer's bank disputes the whole payment, and its webhook comes first.
async fn disputed_before_the_refund_is_known() -> (Two, String, String) {
    let it = two().await;
    let id = it.approved_and_lost("60", "drop-after-effect").await;
    let dispute = it.shop.dispute(it.payment(), 10_000).await;
    for event in it.shop.events().await {
        if event["type"].as_str().unwrap().starts_with("charge.dispute.") {
            assert_eq!(it.shop.deliver(&event).await.status(), 200);
        }
    }
    (it, id, dispute)
}

#[tokio::test]
async fn a_dispute_that_took_the_whole_purchase_leaves_nothing_to_take_and_the_hold_is_released() {
    for by_webhook in [true, false] {
        let (it, id, _) = disputed_before_the_refund_is_known().await;
        let (available, held, _) = it.stands("org_a").await;
        assert_eq!(
            (available.as_str(), held.as_str()),
            ("-10.00", "60.00"),
            "40.00 of its lot, 50.00, a deficit"
        );
        if by_webhook {
            it.shop.deliver_reversals().await;
        } else {
            it.shop.events_are_forgotten().await;
            next_look(&it).await;
        }
        let request = it.request(&id).await;
        let refunds = it.shop.at_stripe("refunds").await;
        assert_eq!(request.status, RefundRequestStatus::Refunded, "{by_webhook}: the money did leave");
        assert_eq!(request.refund.as_deref(), Some(refund_of(&refunds[0])));
        let (available, held, _) = it.stands("org_a").await;
        assert_eq!(
            (available.as_str(), held.as_str()),
            ("50.00", "0.00"),
            "{by_webhook}: 100.00 were taken in all"
        );
        let account = it.shop.world.ledger.account(&it.shop.org("org_a")).await.unwrap();
        assert_eq!(account.frozen_reasons(), [FrozenReason::Dispute]);
        it.shop.deliver_all().await;
        next_look(&it).await;
        assert_eq!(it.stands("org_a").await.0, "50.00", "{by_webhook}");
    }
}

#[tokio::test]
async fn of_a_dispute_that_is_won_what_the_refund_had_taken_stays_taken() {
    for refund_known_first in [true, false] {
        let (it, id, dispute) = disputed_before_the_refund_is_known().await;
        if refund_known_first {
            it.shop.deliver_reversals().await;
        }
        it.shop.close_dispute(&dispute, "won").await;
        it.shop.deliver_reversals().await;
        it.shop.deliver_reversals().await;
        assert_eq!(it.request(&id).await.status, RefundRequestStatus::Refunded);
        let (available, held, _) = it.stands("org_a").await;
        assert_eq!((available.as_str(), held.as_str()), ("90.00", "0.00"), "{refund_known_first}");
        let account = it.shop.world.ledger.account(&it.shop.org("org_a")).await.unwrap();
        assert!(account.frozen_reasons().is_empty());
    }
}

#[tokio::test]
async fn spending_meanwhile_uses_what_is_not_held() {
    let it = two().await;
    let id = it.approved_and_lost("60", "drop").await;
    it.shop.spend("org_a", "90").await;
    assert_eq!(it.stands("org_a").await, ("0.00".to_owned(), "60.00".to_owned(), Vec::new()));
    next_look(&it).await;
    it.assert_refunded_once(&id, "60.00", "after all else was spent").await;
    assert_eq!(it.stands("org_a").await.0, "0.00");
}

#[tokio::test]
async fn a_held_refund_whose_purchase_merged_with_others_takes_what_was_held() {
    let it = two().await;
    let id = it.approved_and_lost("60", "drop").await;
    for _ in 0..33 {
        it.shop.world.buy(&it.shop.org("org_a"), "1").await;
    }
    next_look(&it).await;
    assert_eq!(it.request(&id).await.status, RefundRequestStatus::Refunded);
    let (available, held, lots) = it.stands("org_a").await;
    assert_eq!((available.as_str(), held.as_str(), lots.len()), ("123.00", "0.00", 32));
    let rest = it.shop.asked_refund("org_a", &it.first.order_id, None).await;
    assert_eq!(
        it.shop.approved("org_a", &rest).await["amount"],
        "40.00",
        "no more than was paid and not refunded"
    );
    assert_eq!(it.stands("org_a").await.0, "83.00");
}

#[tokio::test]
async fn a_top_up_is_refunded_like_a_purchase() {
    let it = two().await;
    it.shop.set_top_up("org_a", "200", "300", "1000").await;
    it.shop.billing.top_up.run(&it.shop.org("org_a")).await.unwrap();
    let orders = it.shop.orders("org_a").await;
    let top_up = orders.iter().find(|order| order.payment_method.is_some()).unwrap();
    let id = it.shop.asked_refund("org_a", &top_up.order_id, None).await;
    assert_eq!(it.shop.approved("org_a", &id).await["status"], "refunded");
    let (available, _, lots) = it.stands("org_a").await;
    assert_eq!((available.as_str(), lots), ("150.00", vec!["100.00".to_owned(), "50.00".to_owned()]));
    it.shop.deliver_all().await;
    it.shop.sweep().await;
    it.shop.work_off().await;
    it.shop.later(3600);
    it.shop.recover().await.unwrap();
    assert_eq!(it.stands("org_a").await.0, "150.00", "it is not bought again");
    assert_eq!(it.shop.charged().await, ["succeeded 15000"]);
    assert_eq!(it.shop.at_stripe("refunds").await[0]["amount"], json!(15_000));
}
