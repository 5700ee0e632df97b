//! What an owner sees of what was bought, and the pages of Stripe's that it leads to.

use super::import_row;
use lambda_http::{Body, Response};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    shop::Shop,
};
use support::assert_members;

async fn bought(shop: &Shop, organization: &str) -> Value {
    let call = Call::new("GET", "/api/credits/orders").by(organization, "member");
    let (status, body) = read(&shop.credit_orders(call).await);
    assert_eq!(status, 200, "{body}");
    body
}

async fn receipt(shop: &Shop, organization: &str, order: &str) -> Response<Body> {
    let call = Call::new("GET", &format!("/api/credits/orders/{order}/receipt")).by(organization, "member");
    shop.billing_portal(call.id("id", order)).await
}

fn portal(organization: &str, role: &str) -> Call {
    Call::new("POST", "/api/stripe/portal").by(organization, role)
}

#[tokio::test]
async fn orders_are_shown_newest_first_with_what_became_of_them() {
    let shop = Shop::new().await;
    let paid = shop.bought("org_a", "100").await;
    shop.later(1);
    let open = shop.order_saving_card("org_a", "50").await;
    shop.later(1);
    let expired = shop.order_saving_card("org_a", "60").await;
    let path = format!("stripe/sessions/{}/expire", expired["sessionId"].as_str().unwrap());
    shop.control("POST", &path, json!({})).await;
    shop.later(1);
    let delayed = shop.order_saving_nothing("org_a", "70").await;
    shop.pay(delayed["sessionId"].as_str().unwrap(), true).await;
    shop.refund(paid.payment_intent.as_deref().unwrap(), 2_500).await;
    shop.dispute(paid.payment_intent.as_deref().unwrap(), 1_000).await;
    shop.deliver_all().await;
    let body = bought(&shop, "org_a").await;
    let found: Vec<(&Value, &Value, bool)> = body["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| (&order["amount"], &order["status"], order["payUrl"].is_string()))
        .collect();
    let (seventy, sixty, fifty, hundred) = (json!("70.00"), json!("60.00"), json!("50.00"), json!("100.00"));
    let (processing, expired, pending, done) =
        (json!("processing"), json!("expired"), json!("pending"), json!("paid"));
    let expected = [
        (&seventy, &processing, false),
        (&sixty, &expired, false),
        (&fifty, &pending, true),
        (&hundred, &done, false),
    ];
    assert_eq!(found, expected);
    let hundred = &body["orders"][3];
    assert_members!(hundred, {
        "granted": "100.00", "refunded": "25.00", "disputed": "10.00", "kind": "checkout",
        "hasReceipt": true});
    assert_eq!(body["orders"][2]["payUrl"], open["url"]);
    shop.later(24 * 3600);
    assert_eq!(bought(&shop, "org_a").await["orders"][2]["payUrl"], Value::Null, "its page is closed");
    assert_eq!(bought(&shop, "org_b").await, json!({"orders": [], "invoices": [], "more": false}));
}

#[tokio::test]
async fn invoices_and_top_ups_are_shown_with_what_they_granted_and_why_not() {
    let shop = Shop::new().await;
    import_row(&shop, "rowId,organizationId,credits,stripeCustomerId\nrow-1,org_a,0.00,cus_a\n").await;
    let body = json!({"customer": "cus_a", "amountCents": 49_900, "trial": true});
    let made = shop.control("POST", "stripe/subscriptions", body).await;
    let subscription = made["subscription"]["id"].as_str().unwrap();
    shop.cycle(subscription).await;
    let extra = json!({"billingReason": "subscription_update", "amountCents": 700});
    shop.control("POST", &format!("stripe/subscriptions/{subscription}/invoice"), extra).await;
    shop.deliver_all().await;
    let body = bought(&shop, "org_a").await;
    let mut found: Vec<String> = body["invoices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|invoice| format!("{} {} {}", invoice["paid"], invoice["granted"], invoice["whyNothing"]))
        .collect();
    found.sort();
    let expected =
        [r#""0.00" "0.00" "trial""#, r#""499.00" "499.00" null"#, r#""7.00" "0.00" "subscription_update""#];
    assert_eq!(found, expected);
    shop.bought("org_a", "10").await;
    shop.set_top_up("org_a", "600", "700", "1000").await;
    shop.billing.top_up.run(&shop.org("org_a")).await.unwrap();
    let orders = bought(&shop, "org_a").await["orders"].clone();
    let kinds: Vec<&Value> = orders.as_array().unwrap().iter().map(|order| &order["kind"]).collect();
    assert!(kinds.contains(&&json!("top-up")) && kinds.contains(&&json!("checkout")), "{kinds:?}");
}

#[tokio::test]
async fn a_receipt_is_found_for_a_paid_order_of_ones_own_alone() {
    let shop = Shop::new().await;
    let order = shop.bought("org_a", "100").await;
    let unpaid = shop.order_saving_card("org_a", "50").await;
    let (status, body) = read(&receipt(&shop, "org_a", order.order_id.as_str()).await);
    assert_eq!(status, 200, "{body}");
    let page = shop.http.get(body["url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.status().is_success() && page.text().await.unwrap().contains("100.00"));
    assert_problem(&receipt(&shop, "org_b", order.order_id.as_str()).await, 404, "not_found");
    assert_problem(&receipt(&shop, "org_a", unpaid["orderId"].as_str().unwrap()).await, 404, "not_found");
    assert_problem(&receipt(&shop, "org_a", "ord_00000000000000000000000000").await, 404, "not_found");
    for id in ["ord#1", "../x", ""] {
        let status = receipt(&shop, "org_a", id).await.status().as_u16();
        assert!(matches!(status, 400 | 404), "{id}: {status}");
    }
    let nobody = Call::new("GET", "/api/credits/orders/x/receipt").id("id", order.order_id.as_str());
    assert_problem(&shop.billing_portal(nobody).await, 401, "unauthorized");
    shop.stripe_fails("", "/payment_intents", 500, 3).await;
    assert_problem(&receipt(&shop, "org_a", order.order_id.as_str()).await, 503, "unavailable");
}

#[tokio::test]
async fn the_portal_opens_for_an_owner_of_a_customer_and_for_nobody_else() {
    let shop = Shop::new().await;
    assert_problem(&shop.billing_portal(portal("org_a", "owner")).await, 404, "not_found");
    shop.bought("org_a", "100").await;
    for role in ["member", "finance"] {
        assert_problem(&shop.billing_portal(portal("org_a", role)).await, 403, "forbidden");
    }
    assert_problem(&shop.billing_portal(portal("org_b", "owner")).await, 404, "not_found");
    let (status, body) = read(&shop.billing_portal(portal("org_a", "owner")).await);
    assert_eq!(status, 200, "{body}");
    let page = shop.http.get(body["url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("https://app.example/settings"), "it leads back to the console: {page}");
    for kind in ["status", "drop"] {
        shop.stripe_fails("", "/billing_portal", kind, 3).await;
        assert_problem(&shop.billing_portal(portal("org_a", "owner")).await, 503, "unavailable");
        shop.no_faults().await;
    }
}

#[tokio::test]
async fn what_was_bought_is_read_by_everybody_of_the_organization_and_by_nobody_else() {
    let shop = Shop::new().await;
    shop.bought("org_a", "100").await;
    for role in ["owner", "member", "finance"] {
        let call = Call::new("GET", "/api/credits/orders").by("org_a", role);
        assert_eq!(read(&shop.credit_orders(call).await).1["orders"].as_array().unwrap().len(), 1);
    }
    let nobody = Call::new("GET", "/api/credits/orders");
    assert_problem(&shop.credit_orders(nobody).await, 401, "unauthorized");
    let named = Call::new("GET", "/api/credits/orders?organizationId=org_a").by("org_b", "owner");
    assert_eq!(shop.credit_orders(named).await.status(), 400);
}
