//! Charges whose end nobody heard of: the same key while it is safe, a search afterwards, never a second charge.

use super::{assert_closed_once, charges_fail, customer, look, low, message, reasons};
use billing::{OrderStatus, Pause, TopUpOutcome};
use serde_json::json;
use suite::shop::Shop;

const HOUR: i64 = 3600;

async fn lost(behaviour: &str) -> Shop {
    let shop = low().await;
    shop.cards_end(&customer(&shop).await, behaviour).await;
    charges_fail(&shop, "drop-after-effect").await;
    assert!(look(&shop).await.is_err());
    assert!(shop.auto_top_up("org_a").await.in_flight.is_some());
    shop
}

/// A charge that Stripe was to be asked for and never heard of.
async fn never_arrived() -> Shop {
    let shop = low().await;
    charges_fail(&shop, "drop").await;
    assert!(look(&shop).await.is_err());
    assert!(shop.charges().await.is_empty());
    shop
}

/// From here on each new charge at Stripe would fail the test: the call is refused before it has an effect.
async fn no_new_charge(shop: &Shop) {
    shop.stripe_fails("POST", "/v1/payment_intents", 500, 1000).await;
}

#[tokio::test]
async fn a_charge_whose_answer_was_lost_is_adopted_by_its_key_within_20_hours() {
    for seconds in [0, HOUR, 20 * HOUR] {
        let shop = lost("succeeds").await;
        shop.later(seconds);
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
        assert_closed_once(&shop, &format!("after {seconds} s")).await;
    }
}

#[tokio::test]
async fn after_20_hours_the_charge_is_searched_for_and_no_key_is_sent_any_more() {
    let shop = lost("succeeds").await;
    shop.later(20 * HOUR + 1);
    no_new_charge(&shop).await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_closed_once(&shop, "found").await;
}

#[tokio::test]
async fn recovery_alone_finds_a_lost_charge_of_any_age_even_where_its_events_are_gone() {
    for seconds in [301, 19 * HOUR, 21 * HOUR, 40 * 24 * HOUR] {
        let shop = lost("succeeds").await;
        shop.events_are_forgotten().await;
        shop.later(seconds);
        shop.recover().await.unwrap();
        assert_closed_once(&shop, &format!("after {seconds} s")).await;
    }
}

#[tokio::test]
async fn a_charge_that_stripe_never_heard_of_is_made_by_its_key_or_failed_without_a_new_one() {
    let shop = never_arrived().await;
    shop.later(19 * HOUR);
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_closed_once(&shop, "by its key").await;

    let shop = never_arrived().await;
    shop.later(20 * HOUR + 1);
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Failed);
    assert!(shop.charges().await.is_empty(), "no new charge for that order");
    assert_eq!(reasons(&shop).await, ["not-found again"]);
    let record = shop.auto_top_up("org_a").await;
    assert_eq!((record.in_flight, record.charged.to_string()), (None, "0.00".to_owned()));
    let given_up = shop.orders("org_a").await.into_iter().find(|order| order.failure.is_some()).unwrap();
    assert_eq!(given_up.status, OrderStatus::Failed);
    shop.later(HOUR);
    shop.recover().await.unwrap();
    let charge = shop.charges().await.remove(0);
    assert_ne!(
        charge["metadata"]["order_id"],
        json!(given_up.order_id),
        "the next charge has an order of its own"
    );
    assert_eq!(shop.available("org_a").await, "500.00");
}

#[tokio::test]
async fn while_the_search_fails_the_charge_stays_in_flight() {
    for kind in ["status", "drop"] {
        let shop = lost("succeeds").await;
        shop.later(21 * HOUR);
        shop.stripe_fails("GET", "/v1/payment_intents", kind, 3).await;
        assert!(!shop.deliver_top_up(&message()).await, "{kind}");
        assert!(shop.auto_top_up("org_a").await.in_flight.is_some(), "{kind}");
        assert!(shop.deliver_top_up(&message()).await, "{kind}");
        assert_closed_once(&shop, kind).await;
    }
}

#[tokio::test]
async fn what_the_search_finds_decides_as_the_answer_would_have() {
    let cases = [
        ("declined", "requires_payment_method 46000", "declined again"),
        ("authentication_required", "canceled 46000", "authentication-required"),
    ];
    for (behaviour, stands, reason) in cases {
        let shop = lost(behaviour).await;
        shop.later(21 * HOUR);
        for _ in 0..3 {
            look(&shop).await.unwrap();
        }
        assert_eq!(
            (shop.charged().await, reasons(&shop).await),
            (vec![stands.to_owned()], vec![reason.to_owned()])
        );
        assert_eq!(shop.auto_top_up("org_a").await.in_flight, None, "{behaviour}");
    }
    let shop = lost("processing").await;
    shop.later(21 * HOUR);
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::UnderWay);
    assert!(shop.auto_top_up("org_a").await.in_flight.is_some());
    assert_eq!(shop.charged().await, ["processing 46000"]);
}

#[tokio::test]
async fn money_that_comes_for_a_charge_given_up_is_credited_and_counts() {
    let shop = never_arrived().await;
    let order = shop.orders("org_a").await.into_iter().find(|order| order.payment_method.is_some()).unwrap();
    shop.later(20 * HOUR + 1);
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Failed);
    // Stripe made it all the same, after the search.
    shop.charge_as_top_up(&order, "46000").await;
    shop.deliver_all().await;
    shop.deliver_all().await;
    assert_eq!(shop.available("org_a").await, "500.00");
    assert_eq!(shop.auto_top_up("org_a").await.charged.to_string(), "460.00", "it counts against the cap");
    assert_eq!(shop.order_of("org_a", &order.order_id).await.status, OrderStatus::Paid);
}

/// Credits bought beside a charge in flight and refunded again: the fall below the threshold pauses.
async fn refunded_beside(shop: &Shop) {
    let order = shop.bought_only("org_a", "50").await;
    shop.refund(order.payment_intent.as_deref().unwrap(), 5_000).await;
    shop.deliver_reversals().await;
    shop.sweep().await;
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::Refunded));
}

#[tokio::test]
async fn a_charge_in_flight_is_looked_after_although_a_refund_paused_what_follows() {
    let shop = lost("succeeds").await;
    refunded_beside(&shop).await;
    assert!(shop.auto_top_up("org_a").await.in_flight.is_some());
    shop.events_are_forgotten().await;
    shop.later(21 * HOUR);
    shop.recover().await.unwrap();
    let record = shop.auto_top_up("org_a").await;
    assert_eq!((record.in_flight, record.paused), (None, Some(Pause::Refunded)));
    assert_eq!(shop.available("org_a").await, "500.00", "what Stripe charged is credited");
}

#[tokio::test]
async fn a_charge_declined_after_a_refund_does_not_end_the_pause() {
    let shop = lost("declined").await;
    refunded_beside(&shop).await;
    shop.later(121);
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Failed);
    for _ in 0..3 {
        shop.later(2 * HOUR);
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded);
        shop.recover().await.unwrap();
    }
    let record = shop.auto_top_up("org_a").await;
    assert_eq!((record.paused, record.in_flight), (Some(Pause::Refunded), None));
    assert_eq!(shop.charges().await.len(), 1, "who was refunded is not charged again");
}
