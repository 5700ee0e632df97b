//! Auto top-up: a saved card buys credits when they run low. Whatever is lost, late or done twice: one charge for
//! one gap, never more than the cap, and nobody is charged who was refunded, disputes or was declined.

mod cap;
mod charging;
mod declines;
mod flow;
mod lost;
mod methods;
mod owner;
mod pauses;

use billing::{BillingFailure, OrderStatus, TopUpOutcome};
use ledger::EntryKind;
use serde_json::{Value, json};
use suite::shop::Shop;

/// 100.00 credits bought with a card that is saved, and auto top-up from 50.00 to 500.00, at most 1000.00 a month.
async fn ready() -> Shop {
    let shop = Shop::new().await;
    shop.bought("org_a", "100").await;
    shop.set_top_up("org_a", "50", "500", "1000").await;
    shop
}

/// The same with 40.00 credits left.
async fn low() -> Shop {
    let shop = ready().await;
    shop.spend("org_a", "60").await;
    shop
}

async fn look(shop: &Shop) -> Result<TopUpOutcome, BillingFailure> {
    shop.billing.top_up.run(&shop.org("org_a")).await
}

fn message() -> Value {
    json!({"organizationId": "org_a"})
}

async fn customer(shop: &Shop) -> String {
    let customers = shop.at_stripe("customers").await;
    customers[0]["id"].as_str().expect("an id").to_owned()
}

/// The charge calls of Stripe's go wrong: all three attempts of one request.
async fn charges_fail(shop: &Shop, kind: &str) {
    let path = "/v1/payment_intents";
    shop.stripe_fails("POST", path, kind, 3).await;
}

/// Asserts one charge that closed the gap from 40.00 to 500.00: at Stripe, on the books, and nothing in flight.
async fn assert_closed_once(shop: &Shop, case: &str) {
    assert_eq!(shop.charged().await, ["succeeded 46000"], "{case}");
    assert_eq!(shop.available("org_a").await, "500.00", "{case}");
    let record = shop.auto_top_up("org_a").await;
    assert_eq!((record.in_flight, record.charged.to_string()), (None, "460.00".to_owned()), "{case}");
    let statement = shop.world.ledger.statement(&shop.org("org_a")).await.unwrap();
    let bought = statement.iter().filter(|entry| entry.kind == EntryKind::TopUp).count();
    assert_eq!(bought, 1, "{case}");
    let orders = shop.orders("org_a").await;
    assert!(orders.len() == 2 && orders.iter().all(|order| order.status == OrderStatus::Paid), "{case}");
}

/// The reasons of the alerts that a top-up did not succeed, oldest first.
async fn reasons(shop: &Shop) -> Vec<String> {
    let alerts = shop.alerts_of("org_a").await.into_iter().map(|alert| alert.kind);
    let reasons = alerts.filter_map(|alert| match alert {
        alerts::AlertKind::TopUpFailed { reason, again_at, .. } => {
            Some(format!("{reason}{}", if again_at.is_some() { " again" } else { "" }))
        }
        _ => None,
    });
    reasons.collect()
}
