//! A dispute whose decision is appealed against: open again, whatever was decided first.

use super::{HOUR, recovered};
use billing::{ManualReview, Order, ReviewReason};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, read},
    shop::Shop,
};
use support::Fault;

/// 100.00 credits bought, of which 50.00 are disputed, and the dispute decided so.
async fn decided(outcome: &str) -> (Shop, String) {
    let shop = Shop::new().await;
    let order = shop.bought("org_a", "100").await;
    let dispute = shop.dispute(&order.payment_intent.unwrap(), 5_000).await;
    shop.deliver_all().await;
    assert_eq!(status(&shop).await, ("50.00".to_owned(), "frozen".to_owned()));
    shop.close_dispute(&dispute, outcome).await;
    shop.deliver_all().await;
    (shop, dispute)
}

async fn status(shop: &Shop) -> (String, String) {
    let credits = shop.credits("org_a").await;
    let text = |name: &str| credits[name].as_str().expect("text").to_owned();
    (text("available"), text("billingStatus"))
}

async fn appeal(shop: &Shop, dispute: &str, withdraw: bool) {
    let path = format!("stripe/disputes/{dispute}/appeal");
    shop.control("POST", &path, json!({"withdraw": withdraw})).await;
}

/// Read again once it is due, without any event.
async fn read_again(shop: &Shop) -> Order {
    shop.events_are_forgotten().await;
    shop.later(6 * HOUR + 1);
    recovered(shop).await;
    shop.orders("org_a").await.remove(0)
}

fn state(available: &str, status: &str) -> (String, String) {
    (available.to_owned(), status.to_owned())
}

#[tokio::test]
async fn an_appeal_against_a_lost_dispute_freezes_nothing_and_gives_back_when_it_is_won() {
    let (shop, dispute) = decided("lost").await;
    assert_eq!(status(&shop).await, state("50.00", "active"));
    appeal(&shop, &dispute, false).await;
    shop.deliver_all().await;
    assert_eq!(status(&shop).await, state("50.00", "active"), "what was taken is gone");
    assert!(read_again(&shop).await.next_check.is_some(), "it is read until it is decided");
    shop.close_dispute(&dispute, "won").await;
    assert_eq!(read_again(&shop).await.next_check, None);
    assert_eq!(status(&shop).await, state("100.00", "active"));
}

#[tokio::test]
async fn an_appeal_against_a_won_dispute_freezes_until_it_is_decided() {
    let (shop, dispute) = decided("won").await;
    assert_eq!(status(&shop).await, state("100.00", "active"));
    appeal(&shop, &dispute, false).await;
    shop.deliver_all().await;
    shop.deliver_all().await;
    assert_eq!(status(&shop).await, state("100.00", "frozen"), "what came back may go again");
    assert!(read_again(&shop).await.next_check.is_some());
    shop.close_dispute(&dispute, "won").await;
    assert_eq!(read_again(&shop).await.next_check, None);
    assert_eq!(status(&shop).await, state("100.00", "active"));
}

#[tokio::test]
async fn money_that_a_bank_takes_a_second_time_is_for_finance_to_correct() {
    let (shop, dispute) = decided("won").await;
    appeal(&shop, &dispute, true).await;
    shop.deliver_all().await;
    assert_eq!(status(&shop).await, state("100.00", "frozen"), "an object takes once");
    let facts = shop.billing.review.all().await.unwrap();
    let [one] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((one.object.as_str(), one.reason), (dispute.as_str(), ReviewReason::ContentsChanged));
}

/// Finance has corrected what the bank took again, and dismisses its fact.
async fn corrected(shop: &Shop, dispute: &str) -> u16 {
    let body = json!({"object": dispute, "quarantine": "contents-changed", "reason": "corrected by hand"});
    let call = Call::new("POST", "/api/admin/quarantine").by("org_droplab", "finance");
    read(&shop.quarantine(call.body(body.to_string())).await).0
}

async fn fact(shop: &Shop) -> ManualReview {
    let [fact] = shop.billing.review.all().await.unwrap().try_into().expect("one fact");
    fact
}

/// The dispute was won, and its money is taken again.
async fn taken_again() -> (Shop, String) {
    let (shop, dispute) = decided("won").await;
    appeal(&shop, &dispute, true).await;
    shop.deliver_all().await;
    (shop, dispute)
}

/// The appeal is decided, and heard of by its events and its next reading.
async fn close(shop: &Shop, dispute: &str, outcome: &str) {
    shop.close_dispute(dispute, outcome).await;
    close_heard_of(shop).await;
}

async fn close_heard_of(shop: &Shop) {
    shop.deliver_all().await;
    shop.later(6 * HOUR + 1);
    recovered(shop).await;
}

#[tokio::test]
async fn what_a_lost_appeal_took_a_second_time_cannot_be_spent_before_finance_has_corrected_it() {
    let (shop, dispute) = taken_again().await;
    close(&shop, &dispute, "lost").await;
    assert_eq!(status(&shop).await, state("100.00", "frozen"));
    read_again(&shop).await;
    shop.deliver_all().await;
    assert_eq!(status(&shop).await, state("100.00", "frozen"));
    assert_eq!(corrected(&shop, &dispute).await, 200);
    assert_eq!(status(&shop).await, state("100.00", "active"));
    assert_eq!(corrected(&shop, &dispute).await, 409);
    // The same events again, and its next reading, change nothing.
    for event in shop.events().await {
        assert_eq!(shop.deliver(&event).await.status(), 200);
    }
    assert_eq!(read_again(&shop).await.next_check, None);
    assert_eq!(status(&shop).await, state("100.00", "active"));
    assert!(fact(&shop).await.resolution.is_some());
}

#[tokio::test]
async fn what_finance_corrects_while_the_appeal_is_open_stays_frozen_until_it_is_decided() {
    for outcome in ["lost", "won"] {
        let (shop, dispute) = taken_again().await;
        assert_eq!(corrected(&shop, &dispute).await, 200);
        assert_eq!(status(&shop).await, state("100.00", "frozen"), "{outcome}");
        close(&shop, &dispute, outcome).await;
        assert_eq!(status(&shop).await, state("100.00", "active"), "{outcome}");
        assert_eq!(read_again(&shop).await.next_check, None);
    }
}

#[tokio::test]
async fn a_won_appeal_that_returns_the_money_lifts_without_finance() {
    let (shop, dispute) = taken_again().await;
    close(&shop, &dispute, "won").await;
    assert_eq!(status(&shop).await, state("100.00", "active"));
    assert_eq!(corrected(&shop, &dispute).await, 200);
    assert_eq!(status(&shop).await, state("100.00", "active"));
}

#[tokio::test]
async fn the_withdrawal_of_a_second_appeal_freezes_again_and_is_for_finance_again() {
    let (shop, dispute) = taken_again().await;
    close(&shop, &dispute, "won").await;
    assert_eq!(corrected(&shop, &dispute).await, 200);
    appeal(&shop, &dispute, true).await;
    shop.deliver_all().await;
    for _ in 0..2 {
        assert_eq!(status(&shop).await, state("100.00", "frozen"));
        let open = fact(&shop).await;
        assert_eq!((open.resolution, open.earlier.len()), (None, 1), "the first decision is on record");
        // All events again, the oldest first.
        for event in shop.events().await {
            assert_eq!(shop.deliver(&event).await.status(), 200);
        }
    }
    close(&shop, &dispute, "lost").await;
    assert_eq!(status(&shop).await, state("100.00", "frozen"));
    assert_eq!(corrected(&shop, &dispute).await, 200);
    assert_eq!(status(&shop).await, state("100.00", "active"));
    assert_eq!(read_again(&shop).await.next_check, None);
}

#[tokio::test]
async fn a_second_withdrawal_that_is_heard_of_after_the_appeals_end_freezes_too() {
    let (shop, dispute) = decided("won").await;
    appeal(&shop, &dispute, true).await;
    shop.close_dispute(&dispute, "lost").await;
    let closed = &shop.events_of("charge.dispute.closed").await.pop().unwrap();
    assert_eq!(shop.deliver(closed).await.status(), 200);
    assert_eq!(status(&shop).await, state("100.00", "frozen"));
    close_heard_of(&shop).await;
    assert_eq!(status(&shop).await, state("100.00", "frozen"));
    assert_eq!(corrected(&shop, &dispute).await, 200);
    assert_eq!(status(&shop).await, state("100.00", "active"));
}

/// The events of an appeal that takes the money again and is lost a minute later.
async fn lost_appeal(shop: &Shop, dispute: &str) -> Vec<Value> {
    let before = shop.events().await.len();
    appeal(shop, dispute, true).await;
    shop.close_dispute(dispute, "lost").await;
    let mut events = shop.events().await.split_off(before);
    let closed = events.last_mut().expect("it was closed");
    closed["created"] = json!(closed["created"].as_i64().expect("a time") + 60);
    events
}

#[tokio::test]
async fn wherever_a_second_withdrawal_or_its_correction_dies_the_next_attempt_ends_the_same() {
    for died in [Fault::DiesBefore, Fault::DiesAfter] {
        for at in 0.. {
            let (shop, dispute) = decided("won").await;
            let events = lost_appeal(&shop, &dispute).await;
            let steps = async {
                for event in &events {
                    shop.deliver(event).await;
                }
                corrected(&shop, &dispute).await;
            };
            let ended = !shop.world.dies_at(at, died, steps).await;
            for event in &events {
                assert_eq!(shop.deliver(event).await.status(), 200);
            }
            let open = fact(&shop).await.resolution.is_none();
            let expected = if open { "frozen" } else { "active" };
            assert_eq!(status(&shop).await, state("100.00", expected), "{died:?} {at}");
            assert_eq!(corrected(&shop, &dispute).await, if open { 200 } else { 409 }, "{died:?} {at}");
            assert_eq!(status(&shop).await, state("100.00", "active"), "{died:?} {at}");
            if ended {
                assert!(at > 10, "{at}");
                break;
            }
        }
    }
}
