//! A walk that time cuts short.

use super::{HOUR, recovered};
use std::sync::atomic::{AtomicU32, Ordering};
use stripe_client::event::listed_groups;
use suite::shop::Shop;

/// So many purchases that their events fill more than two pages.
const PURCHASES: usize = 110;

/// What every organization's purchase was of.
async fn many() -> Shop {
    let shop = Shop::new().await;
    for at in 0..PURCHASES {
        let session = shop.order(&format!("org_{at}"), "10").await;
        shop.pay(&session, false).await;
    }
    shop
}

/// A run that has time for so many looks, pages and events.
async fn run(shop: &Shop, steps: u32) -> billing::Recovered {
    let left = AtomicU32::new(steps);
    let go_on =
        move || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
    shop.billing.recovery.run(&go_on).await.expect("a run")
}

async fn credited(shop: &Shop) -> usize {
    let mut credited = 0;
    for at in 0..PURCHASES {
        credited += usize::from(shop.available(&format!("org_{at}")).await == "10.00");
    }
    credited
}

/// Runs of so much time until everything is walked: the events that each of them decided.
async fn runs(shop: &Shop, steps: u32) -> Vec<u32> {
    let mut events = Vec::new();
    for _ in 0..200 {
        let run = run(shop, steps).await;
        events.push(run.events);
        shop.later(60);
        if run.walked {
            return events;
        }
    }
    panic!("it does not come to its end: {events:?}");
}

#[tokio::test]
async fn a_walk_cut_short_goes_on_where_it_stopped_and_decides_every_event_once() {
    // In the middle of pages, at their ends, and one event at a time.
    for (steps, at_once) in [(61, 60), (101, 100), (3, 2)] {
        let shop = many().await;
        let events = runs(&shop, steps).await;
        assert!(events.iter().all(|events| *events <= at_once), "{events:?}");
        let all: u32 = events.iter().sum();
        assert_eq!(usize::try_from(all).unwrap(), 2 * PURCHASES, "each event once: {events:?}");
        assert_eq!(credited(&shop).await, PURCHASES);
    }
}

#[tokio::test]
async fn what_happens_while_a_walk_is_cut_short_comes_with_the_next_walk() {
    let shop = many().await;
    assert!(!run(&shop, 61).await.walked);
    let session = shop.order("org_late", "50").await;
    shop.pay(&session, false).await;
    shop.later(60);
    runs(&shop, 61).await;
    assert_eq!(credited(&shop).await, PURCHASES);
    recovered(&shop).await;
    assert_eq!(shop.available("org_late").await, "50.00");
}

#[tokio::test]
async fn without_any_time_nothing_is_done_and_nothing_is_lost() {
    let shop = many().await;
    for _ in 0..3 {
        assert_eq!(run(&shop, 0).await, billing::Recovered::default());
    }
    recovered(&shop).await;
    assert_eq!(credited(&shop).await, PURCHASES);
}

#[tokio::test]
async fn a_cut_walk_whose_next_event_stripe_has_forgotten_does_not_stop_recovery_for_ever() {
    let shop = many().await;
    assert!(!run(&shop, 61).await.walked);
    shop.events_are_forgotten().await;
    shop.later(HOUR);
    recovered(&shop).await;
    assert_eq!(credited(&shop).await, PURCHASES, "what was open was read by its id");
    shop.later(HOUR);
    recovered(&shop).await;
}

#[tokio::test]
async fn looks_that_time_cuts_short_stay_due() {
    let shop = Shop::new().await;
    for at in 0..6 {
        let session = shop.order(&format!("org_{at}"), "10").await;
        shop.pay(&session, false).await;
    }
    shop.events_are_forgotten().await;
    shop.later(HOUR);
    let pages = u32::try_from(listed_groups().len()).expect("few");
    let mut looked = Vec::new();
    for _ in 0..4 {
        looked.push(run(&shop, pages + 2).await.checked);
    }
    assert_eq!(looked, [2, 2, 2, 0], "pages of no events and two looks each, none twice");
    for at in 0..6 {
        assert_eq!(shop.available(&format!("org_{at}")).await, "10.00");
    }
}
