//! Who looks at what: the sweeper's records and recovery's stand in lanes of their own.

use super::{HOUR, recovered};
use serde_json::json;
use std::collections::BTreeSet;
use suite::shop::Shop;
use tables::{DueItem, Lane};

/// Everything that a clock must look at again, of both lanes, due.
async fn everything() -> Shop {
    let shop = Shop::with_plan(r#"{"renewalGrantMax":"99","freeCreditsExpireAfterDays":30}"#).await;
    let order = shop.bought("org_a", "100").await;
    shop.order("org_a", "20").await;
    shop.subscribe("cus_s", "org_a").await;
    shop.dispute(order.payment_intent.as_deref().unwrap(), 1_000).await;
    shop.deliver_all().await;
    shop.set_levels("org_b", &["50"]).await;
    shop.sweep().await;
    let refunded = shop.bought("org_b", "100").await;
    let id = shop.asked_refund("org_b", &refunded.order_id, None).await;
    shop.stripe_fails("POST", "/v1/refunds", "drop", 3).await;
    assert_eq!(shop.decide_refund("f1", "org_b", &id, true).await.status(), 503);
    shop.set_top_up("org_a", "50", "500", "1000").await;
    shop.later(40 * 24 * HOUR);
    shop
}

fn kinds(items: &[DueItem]) -> BTreeSet<String> {
    items.iter().map(|item| item.kind.clone()).collect()
}

fn set(kinds: &[&str]) -> BTreeSet<String> {
    kinds.iter().map(|kind| (*kind).to_owned()).collect()
}

#[tokio::test]
async fn each_lane_holds_its_own_kinds_and_none_of_the_others() {
    let shop = everything().await;
    let now = shop.world.clock.now();
    let sweeper = kinds(&shop.world.work.due(now, 1000).await.unwrap());
    let recovery = kinds(&shop.world.work.due_in(Lane::Recovery, now, 1000).await.unwrap());
    assert_eq!(sweeper, set(&["alert", "expiry-notice"]));
    assert_eq!(recovery, set(&["auto-top-up", "order", "refund-request", "standing"]));
    assert_eq!(kinds(&shop.world.ledger.due(now).await.unwrap()), set(&["account", "crossing"]));
}

#[tokio::test]
async fn the_sweeper_ends_its_lane_and_leaves_recoverys_and_the_other_way_round() {
    let shop = everything().await;
    let now = shop.world.clock.now();
    let recovery = shop.world.work.due_in(Lane::Recovery, now, 1000).await.unwrap();
    let asked = shop.at_stripe("refunds").await.len();
    for _ in 0..3 {
        let swept = shop.sweep().await;
        assert_eq!((&swept["failed"], &swept["others"]), (&json!(0), &json!(0)), "{swept}");
    }
    assert!(shop.world.work.due(now, 1000).await.unwrap().is_empty());
    assert_eq!(
        shop.world.work.due_in(Lane::Recovery, now, 1000).await.unwrap(),
        recovery,
        "not one was looked at"
    );
    assert_eq!(shop.at_stripe("refunds").await.len(), asked, "the sweeper asks Stripe for nothing");

    let shop = everything().await;
    let sweeper = shop.world.work.due(now, 1000).await.unwrap();
    let published = shop.world.topics.published().len();
    recovered(&shop).await;
    let (due, left) = (
        shop.world.work.due(now, 1000).await.unwrap(),
        kinds(&shop.world.work.due_in(Lane::Recovery, now, 1000).await.unwrap()),
    );
    assert!(sweeper.iter().all(|item| due.contains(item)), "recovery sends no alert");
    assert_eq!(left, set(&[]), "what is still open is due later");
    assert_eq!(shop.world.topics.published().len(), published);
}
