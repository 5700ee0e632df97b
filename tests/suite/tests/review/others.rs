//! What cannot be granted, and a top-up's money that is not what was ordered.

use super::{decide, decided, in_review, ordered};
use billing::{OrderStatus, Pause, ReviewReason, TopUpOutcome};
use serde_json::json;
use suite::{gateway::assert_problem, shop::Shop};

pub(super) async fn assert_only_dismissed(shop: &Shop, object: &str, reason: &str) {
    let before = shop.available("org_a").await;
    let response = decide(shop, object, reason, Some("1"), json!({"organizationId": "org_a"})).await;
    assert_problem(&response, 409, "not_grantable");
    decided(shop, object, reason, None).await;
    assert_eq!((shop.available("org_a").await, in_review(shop).await.len()), (before, 0), "{reason}");
}

#[tokio::test]
async fn euros_are_only_dismissed() {
    let it = ordered().await;
    let euros = it.foreign(25_000, "eur", &it.customer).await;
    it.shop.deliver_all().await;
    assert_only_dismissed(&it.shop, &euros, "currency-mismatch").await;
}

#[tokio::test]
async fn test_money_at_a_live_stage_and_what_cannot_be_read_are_only_dismissed() {
    let it = ordered().await;
    it.shop.pay(&it.own, false).await;
    let mut live = it.shop.completed().await;
    live["data"]["object"]["livemode"] = json!(true);
    it.shop.deliver(&live).await;
    assert_only_dismissed(&it.shop, &it.own, "livemode-mismatch").await;

    let it = ordered().await;
    let sparse = json!({"id": "evt_1", "object": "event", "type": "invoice.paid", "created": 1, "livemode": false,
        "data": {"object": {"object": "invoice"}}});
    for _ in 0..2 {
        assert_eq!(it.shop.deliver(&sparse).await.status(), 200);
    }
    assert_only_dismissed(&it.shop, "evt_1", "not-decidable").await;
}

#[tokio::test]
async fn an_order_that_is_not_paid_after_all_is_not_granted() {
    let it = ordered().await;
    let mut event = {
        it.shop.pay(&it.own, true).await;
        it.shop.completed().await
    };
    // Somebody says that it was paid, with another amount; Stripe says that it was not.
    event["data"]["object"]["payment_status"] = json!("paid");
    event["data"]["object"]["amount_total"] = json!(30_000);
    it.shop.deliver(&event).await;
    assert_eq!(in_review(&it.shop).await, [(it.own.clone(), ReviewReason::AmountMismatch)]);
    let response = decide(&it.shop, &it.own, "amount-mismatch", Some("250"), json!({})).await;
    assert_problem(&response, 409, "not_grantable");
    assert_eq!(it.available().await, "0.00");
}

/// A top-up in flight that Stripe never heard of, for whose order somebody charged another amount.
async fn top_up_of_another_amount() -> (Shop, String) {
    let shop = Shop::new().await;
    shop.bought("org_a", "100").await;
    shop.set_top_up("org_a", "200", "300", "1000").await;
    shop.stripe_fails("POST", "/v1/payment_intents", "drop", 3).await;
    assert!(shop.billing.top_up.run(&shop.org("org_a")).await.is_err());
    let orders = shop.orders("org_a").await;
    let order = orders.iter().find(|order| order.payment_method.is_some()).unwrap();
    let payment = shop.charge_as_top_up(order, "15000").await;
    shop.later(20 * 3600 + 1);
    (shop, payment["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_top_up_granted_after_review_ends_the_charge_in_flight() {
    let (shop, payment) = top_up_of_another_amount().await;
    for _ in 0..3 {
        assert_eq!(shop.billing.top_up.run(&shop.org("org_a")).await.unwrap(), TopUpOutcome::UnderWay);
        shop.deliver_all().await;
    }
    assert_eq!(in_review(&shop).await, [(payment.clone(), ReviewReason::AmountMismatch)]);
    assert_eq!(shop.charges().await.len(), 1, "while it is looked into nothing else is charged");
    decided(&shop, &payment, "amount-mismatch", Some("150")).await;
    let record = shop.auto_top_up("org_a").await;
    assert_eq!((record.in_flight, shop.available("org_a").await.as_str()), (None, "250.00"));
    shop.deliver_all().await;
    shop.spend("org_a", "100").await;
    assert_eq!(
        shop.billing.top_up.run(&shop.org("org_a")).await.unwrap(),
        TopUpOutcome::Bought,
        "it goes on"
    );
    assert_eq!(shop.available("org_a").await, "300.00");
    let orders = shop.orders("org_a").await;
    assert!(orders.iter().all(|order| order.status == OrderStatus::Paid));
}

#[tokio::test]
async fn a_top_up_dismissed_after_review_ends_the_charge_in_flight_counts_against_the_cap_and_pauses() {
    let (shop, payment) = top_up_of_another_amount().await;
    assert_eq!(shop.billing.top_up.run(&shop.org("org_a")).await.unwrap(), TopUpOutcome::UnderWay);
    decided(&shop, &payment, "amount-mismatch", None).await;
    let record = shop.auto_top_up("org_a").await;
    assert_eq!((record.in_flight.clone(), record.charged.to_string()), (None, "200.00".to_owned()));
    let orders = shop.orders("org_a").await;
    let order = orders.iter().find(|order| order.payment_method.is_some()).unwrap();
    assert_eq!(
        (order.status, order.review, order.failure.as_deref()),
        (OrderStatus::Failed, None, Some("dismissed"))
    );
    shop.deliver_all().await;
    assert_eq!(record.paused, Some(Pause::Dismissed), "the next charge would go the same way");
    assert_eq!(shop.billing.top_up.run(&shop.org("org_a")).await.unwrap(), TopUpOutcome::NotNeeded);
    assert_eq!((shop.available("org_a").await.as_str(), in_review(&shop).await.len()), ("100.00", 0));
}

#[tokio::test]
async fn a_dismissal_ends_the_review_of_its_own_order_alone() {
    for dismissed in [0, 1] {
        let it = ordered().await;
        let first = it.foreign(30_000, "usd", &it.customer).await;
        let other = it.shop.order_saving_card("org_a", "250").await;
        let it = super::Ordered { order: other["orderId"].as_str().unwrap().to_owned(), ..it };
        let second = it.foreign(20_000, "usd", &it.customer).await;
        it.shop.deliver_all().await;
        let sessions = [first, second];
        decided(&it.shop, &sessions[dismissed], "amount-mismatch", None).await;
        let rest = &sessions[1 - dismissed];
        assert_eq!(in_review(&it.shop).await, [(rest.clone(), ReviewReason::AmountMismatch)]);
        let shown = it.shown().await;
        assert_eq!(shown["inReview"], dismissed == 0, "{dismissed}: the second order's review");
        decided(&it.shop, rest, "amount-mismatch", Some("200")).await;
        assert_eq!(it.available().await, "200.00");
    }
}
