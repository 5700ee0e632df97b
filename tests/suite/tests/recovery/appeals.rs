//! A dispute whose decision is appealed against: open again, whatever was decided first.

use super::{HOUR, recovered};
use billing::{Order, ReviewReason};
use serde_json::json;
use suite::shop::Shop;

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
    shop.world.assert_books_balance().await;
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
    shop.world.assert_books_balance().await;
}

#[tokio::test]
async fn money_that_a_bank_takes_a_second_time_is_for_finance_to_correct() {
    let (shop, dispute) = decided("won").await;
    appeal(&shop, &dispute, true).await;
    shop.deliver_all().await;
    assert_eq!(status(&shop).await, state("100.00", "frozen"), "an object takes once");
    let kept = shop.billing.manual_reviews().await.unwrap();
    let [one] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((one.object.as_str(), one.reason), (dispute.as_str(), ReviewReason::ContentsChanged));
    shop.world.assert_books_balance().await;
}
