//! Organizations take turns: one's pile delays no other.

use super::HOUR;
use billing::Order;
use std::sync::atomic::{AtomicU32, Ordering};
use suite::shop::Shop;
use tables::{DueItem, Key, Lane};
use terms::{OrderId, Timestamp};

/// More than one run looks at.
const PILE: usize = 2_100;

/// Orders of an organization that are due, all longer than anything else.
async fn pile(shop: &Shop, organization: &str) {
    let order = shop.bought_only(organization, "100").await;
    let due = Some(order.created_at.plus_seconds(-10 * HOUR));
    let copy = |number: usize| Order {
        order_id: OrderId::derive(&[organization, "pile", &number.to_string()]),
        next_check: due,
        ..order.clone()
    };
    shop.world.work.insert_all(&(0..PILE).map(copy).collect::<Vec<_>>()).await.unwrap();
}

/// A run of recovery that has time for so many steps.
async fn run(shop: &Shop, steps: u32) -> billing::Recovered {
    let left = AtomicU32::new(steps);
    let go_on =
        || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
    shop.billing.recovery.run(&go_on).await.expect("a run")
}

async fn due(shop: &Shop) -> usize {
    shop.world.work.due_in(Lane::Recovery, shop.world.clock.now(), 10_000).await.unwrap().len()
}

#[tokio::test]
async fn one_tenants_pile_does_not_delay_anothers_refund() {
    let shop = Shop::new().await;
    pile(&shop, "org_a").await;
    let order = shop.bought_only("org_b", "100").await;
    let id = shop.asked_refund("org_b", &order.order_id, None).await;
    shop.stripe_fails("POST", "/v1/refunds", "drop", 3).await;
    assert_eq!(shop.decide_refund("f1", "org_b", &id, true).await.status(), 503);
    shop.events_are_forgotten().await;
    shop.later(HOUR);
    let before = due(&shop).await;
    assert_eq!(before, PILE + 1, "the index is read past its first page");
    let first = run(&shop, 20).await;
    assert!(first.checked < 20, "{first:?}");
    assert_eq!(shop.at_stripe("refunds").await.len(), 1, "of few looks one was the refund's");
    assert_eq!(shop.available("org_b").await, "0.00");
    let looked = usize::try_from(first.checked).unwrap();
    assert_eq!(due(&shop).await, before - looked, "what was looked at is not the next run's first");
}

#[test]
fn one_tenants_pile_keeps_nobody_elses_record_from_the_sweeper() {
    let item = |organization: &str, sk: String| DueItem {
        key: Key::new(format!("ORG#{organization}"), sk),
        kind: "alert".to_owned(),
        due_at: Timestamp::from_seconds(0),
    };
    let mut work: Vec<DueItem> =
        (0..9_000).map(|number| item("org_a", format!("ALERT#{number:013}#x"))).collect();
    work.push(item("org_b", "ALERT#0#x".to_owned()));
    let books = (0..500).map(|number| item("org_a", format!("CROSSING#{number:012}"))).collect();
    let chosen: Vec<DueItem> = sweeper::due::chosen(books, work).collect();
    assert_eq!(chosen.len(), 8_000);
    assert_eq!(chosen[1].key.pk, "ORG#org_b");
    let in_books = chosen.iter().filter(|item| item.key.sk.starts_with("CROSSING#"));
    assert_eq!(in_books.count(), 500);
}
