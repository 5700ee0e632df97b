//! Alerts of owners, and what finance and owners read and set around credits: once, in order, and for nobody else.

mod adjusting;
mod bounds;
mod expiring;
mod levels;
mod opening;
mod orders;
mod sending;
mod texts;
mod viewing;

use serde_json::{Value, json};
use suite::{
    gateway::{Call, read},
    shop::Shop,
};

/// The titles of an organization's alerts, oldest first.
async fn titles(shop: &Shop) -> Vec<String> {
    shop.alerts_of("org_a").await.iter().map(alerts::Alert::title).collect()
}

/// An organization with 100.00 credits.
async fn with_100() -> Shop {
    let shop = Shop::new().await;
    shop.bought("org_a", "100").await;
    shop
}

/// Spends, and passes on what was crossed.
async fn spend(shop: &Shop, amount: &str) {
    shop.later(1);
    shop.spend("org_a", amount).await;
    shop.sweep().await;
}

/// GET /api/credits/alerts.
async fn listed(shop: &Shop, organization: &str) -> Value {
    let call = Call::new("GET", "/api/credits/alerts").by(organization, "member");
    let (status, body) = read(&shop.credit_alerts(call).await);
    assert_eq!(status, 200, "{body}");
    body
}

async fn adjust(shop: &Shop, key: &str, organization: &str, amount: &str) -> (u16, Value) {
    let body = json!({
        "organizationId": organization, "amount": amount, "reason": "goodwill", "newOrganization": true,
    });
    let call = Call::new("POST", "/api/admin/credits/adjustments").by("org_droplab", "finance");
    read(&shop.credit_adjustments(call.header("idempotency-key", key).body(body.to_string())).await)
}

async fn import_row(shop: &Shop, csv: &str) -> (u16, Value) {
    let call = Call::new("POST", "/api/admin/credits/opening-balances").by("org_droplab", "finance");
    read(&shop.credit_adjustments(call.body(csv)).await)
}
