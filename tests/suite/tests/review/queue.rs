//! What goes to review, and that it does so once.

use super::{in_review, ordered, others::assert_only_dismissed};
use billing::{OrderStatus, ReviewReason};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    shop::Shop,
};
use support::{Fault, assert_members};

#[tokio::test]
async fn each_mismatch_at_stripe_goes_to_review_once_and_its_order_shows_it() {
    let other = "cus_other";
    let cases = [
        (24_999, "usd", None, ReviewReason::AmountMismatch),
        (25_001, "usd", None, ReviewReason::AmountMismatch),
        (25_000, "eur", None, ReviewReason::CurrencyMismatch),
        (25_000, "usd", Some(other), ReviewReason::CustomerMismatch),
        (25_000, "usd", None, ReviewReason::SessionMismatch),
    ];
    for (cents, currency, customer, reason) in cases {
        let it = ordered().await;
        let body = json!({"customer": other, "amountCents": 100, "trial": true, "metadata": {}});
        it.shop.control("POST", "stripe/subscriptions", body).await;
        let session = it.foreign(cents, currency, customer.unwrap_or(&it.customer)).await;
        for _ in 0..3 {
            it.shop.deliver_all().await;
            it.shop.recover().await.unwrap();
        }
        assert_eq!(in_review(&it.shop).await, [(session, reason)]);
        assert_eq!(it.available().await, "0.00", "{reason:?}");
        let shown = it.shown().await;
        assert_eq!((&shown["inReview"], &shown["status"]), (&json!(true), &json!("pending")), "{reason:?}");
        assert_eq!(shown["payUrl"], Value::Null, "{reason:?}: nobody is asked to pay a second time");
        let order = it.shop.orders("org_a").await.remove(0);
        assert_eq!((order.review, order.next_check), (Some(reason), None), "{reason:?}");
    }
}

async fn event_with(field: &str, value: Value) -> (super::Ordered, Value) {
    let it = ordered().await;
    it.shop.pay(&it.own, false).await;
    let mut event = it.shop.completed().await;
    event["data"]["object"][field] = value;
    (it, event)
}

#[tokio::test]
async fn an_event_of_the_wrong_mode_or_of_test_money_goes_to_review_once() {
    let cases = [
        ("mode", json!("subscription"), ReviewReason::ModeMismatch),
        ("livemode", json!(true), ReviewReason::LivemodeMismatch),
        ("customer", Value::Null, ReviewReason::CustomerMismatch),
        ("amount_total", Value::Null, ReviewReason::AmountMismatch),
    ];
    for (field, value, reason) in cases {
        let (it, event) = event_with(field, value).await;
        for _ in 0..3 {
            assert_eq!(it.shop.deliver(&event).await.status(), 200);
        }
        assert_eq!(in_review(&it.shop).await, [(it.own.clone(), reason)]);
        // Recovery does not read an order in review; its own honest event still grants it.
        it.shop.later(2 * 3600);
        it.shop.deliver_all().await;
        assert_eq!(it.available().await, "250.00", "{reason:?}");
        let order = it.shop.orders("org_a").await.remove(0);
        assert_eq!((order.status, order.review), (OrderStatus::Paid, None), "{reason:?}");
    }
}

#[tokio::test]
async fn a_session_of_an_unknown_order_goes_to_review_and_no_order_is_touched() {
    let mut it = ordered().await;
    it.order = "ord_00000000000000000000000000".to_owned();
    let session = it.foreign(25_000, "usd", &it.customer).await;
    it.shop.deliver_all().await;
    it.shop.deliver_all().await;
    assert_eq!(in_review(&it.shop).await, [(session.clone(), ReviewReason::OrderUnknown)]);
    assert!(it.shop.orders("org_a").await.iter().all(|order| order.review.is_none()));
    assert_only_dismissed(&it.shop, &session, "order-unknown").await;
}

#[tokio::test]
async fn a_second_payment_of_a_granted_order_goes_to_review_and_the_order_stays_paid() {
    let it = ordered().await;
    it.shop.pay(&it.own, false).await;
    it.shop.deliver_all().await;
    let second = it.foreign(25_000, "usd", &it.customer).await;
    it.shop.deliver_all().await;
    assert_eq!(in_review(&it.shop).await, [(second.clone(), ReviewReason::SessionMismatch)]);
    let shown = it.shown().await;
    assert_eq!((&shown["inReview"], &shown["status"]), (&json!(false), &json!("paid")));
    assert_eq!(it.available().await, "250.00");
    assert_only_dismissed(&it.shop, &second, "session-mismatch").await;
}

#[tokio::test]
async fn the_refund_of_a_second_payment_takes_nothing_of_the_first() {
    for (cents, own_first) in [(25_000, true), (30_000, true), (30_000, false)] {
        let it = ordered().await;
        let second = if own_first {
            it.shop.pay(&it.own, false).await;
            it.shop.deliver_all().await;
            it.foreign(cents, "usd", &it.customer).await
        } else {
            let second = it.foreign(cents, "usd", &it.customer).await;
            it.shop.deliver_all().await;
            it.shop.pay(&it.own, false).await;
            second
        };
        it.shop.deliver_all().await;
        assert_eq!(it.available().await, "250.00");
        // What finance does with it: refund it at Stripe, dismiss it.
        it.shop.refund(&it.payment_of(&second).await, cents).await;
        it.shop.deliver_all().await;
        assert_eq!(it.available().await, "250.00", "{cents} {own_first}: the credits were paid for");
        let dispute = it.shop.dispute(&it.payment_of(&second).await, cents).await;
        it.shop.deliver_all().await;
        assert_eq!(it.shop.credits("org_a").await["billingStatus"], "active", "{cents} {own_first}");
        it.shop.close_dispute(&dispute, "lost").await;
        it.shop.deliver_all().await;
        it.shop.recover().await.unwrap();
        assert_eq!(it.available().await, "250.00", "{cents} {own_first}");
        it.shop.refund(&it.payment_of(&it.own).await, 10_000).await;
        it.shop.deliver_all().await;
        assert_eq!(it.available().await, "150.00", "{cents} {own_first}: the first one's own refund takes");
    }
}

#[tokio::test]
async fn contents_that_changed_after_the_grant_go_to_review_and_move_nothing() {
    let (it, event) = event_with("amount_total", json!(1)).await;
    it.shop.deliver_all().await;
    assert_eq!(it.shop.deliver(&event).await.status(), 200);
    assert_eq!(in_review(&it.shop).await, [(it.own.clone(), ReviewReason::ContentsChanged)]);
    assert_eq!((it.available().await.as_str(), &it.shown().await["inReview"]), ("250.00", &json!(false)));
    assert_only_dismissed(&it.shop, &it.own, "contents-changed").await;
}

#[tokio::test]
async fn a_mismatch_goes_to_review_once_whatever_the_tables_do() {
    for fault in [Fault::FailsBefore, Fault::FailsAfter, Fault::ServerErrorAfter, Fault::Throttled] {
        for operation in ["GetItem", "PutItem"] {
            for at in 0..4 {
                let it = ordered().await;
                let session = it.foreign(30_000, "usd", &it.customer).await;
                let event = &it.shop.completed().await;
                it.shop.world.dynamo.faults().lasting(operation, at, fault);
                let first = it.shop.deliver(event).await.status().as_u16();
                it.shop.no_faults().await;
                assert!(matches!(first, 200 | 503), "{fault:?} {operation} {at}: {first}");
                assert_eq!(it.shop.deliver(event).await.status(), 200);
                assert_eq!(in_review(&it.shop).await, [(session, ReviewReason::AmountMismatch)]);
                assert_eq!(it.shown().await["inReview"], true, "{fault:?} {operation} {at}");
            }
        }
    }
}

#[tokio::test]
async fn finance_alone_reads_what_is_in_review() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    let list = |role: &str| Call::new("GET", "/api/admin/quarantine").by("org_a", role);
    for role in ["owner", "member", ""] {
        assert_problem(&it.shop.quarantine(list(role)).await, 403, "forbidden");
    }
    let (status, body) = read(&it.shop.quarantine(list("finance")).await);
    let fact = &body["facts"][0];
    assert_eq!((status, &fact["object"], &fact["reason"]), (200, &json!(session), &json!("amount-mismatch")));
    assert_members!(fact, {"organization": "org_a", "eventType": "checkout.session.completed"});
    let shop = Shop::new().await;
    assert_eq!(read(&shop.quarantine(list("finance")).await).1, json!({"facts": [], "more": false}));
}
