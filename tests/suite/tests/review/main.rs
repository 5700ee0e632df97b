//! Manual review: money that is not what was ordered is put before a person once, and granted or dismissed by them
//! once. What was refunded in between is reversed, and later events move nothing.

mod by_hand;
mod deciding;
mod imported;
mod invoices;
mod meeting;
mod others;
mod paid_for_nothing;
mod queue;

use billing::{ManualReview, ReviewReason};
use lambda_http::{Body, Response};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, read},
    shop::Shop,
};

/// An order of 250.00 whose own page is not paid.
struct Ordered {
    shop: Shop,
    order: String,
    customer: String,
    own: String,
}

async fn ordered() -> Ordered {
    let shop = Shop::new().await;
    let body = shop.order_saving_nothing("org_a", "250").await;
    let text = |name: &str| body[name].as_str().expect("text").to_owned();
    let (order, own) = (text("orderId"), text("sessionId"));
    let customer = shop.at_stripe("customers").await[0]["id"].as_str().expect("an id").to_owned();
    Ordered { shop, order, customer, own }
}

impl Ordered {
    /// A session at Stripe that names our order and is not ours; paid, with its event undelivered.
    async fn foreign(&self, cents: i64, currency: &str, customer: &str) -> String {
        let cents = cents.to_string();
        let (organization, order) = ("org_a", self.order.as_str());
        let form = [
            ("mode", "payment"),
            ("customer", customer),
            ("client_reference_id", order),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", currency),
            ("line_items[0][price_data][unit_amount]", &cents),
            ("line_items[0][price_data][product_data][name]", "Credits"),
            ("success_url", "https://app.example/settings"),
            ("metadata[organization_id]", organization),
            ("metadata[order_id]", order),
            ("metadata[type]", "credits"),
            ("payment_intent_data[metadata][organization_id]", organization),
            ("payment_intent_data[metadata][order_id]", order),
            ("payment_intent_data[metadata][type]", "credits"),
        ];
        let session = self.shop.stripe_api("checkout/sessions", &form).await;
        let session = session["id"].as_str().expect("an id").to_owned();
        self.shop.pay(&session, false).await;
        session
    }

    /// The same with another amount, delivered and in review.
    async fn in_review(&self, cents: i64) -> String {
        let session = self.foreign(cents, "usd", &self.customer).await;
        self.shop.deliver_all().await;
        assert_eq!(in_review(&self.shop).await, [(session.clone(), ReviewReason::AmountMismatch)]);
        session
    }

    async fn payment_of(&self, session: &str) -> String {
        let sessions = self.shop.at_stripe("sessions").await;
        let session = sessions.iter().find(|found| found["id"] == session).expect("it stands");
        session["payment_intent"].as_str().expect("it was paid").to_owned()
    }

    /// The order as its owner sees it.
    async fn shown(&self) -> Value {
        let (_, body) = read(
            &self.shop.credit_orders(Call::new("GET", "/api/credits/orders").by("org_a", "owner")).await,
        );
        let orders = body["orders"].as_array().expect("a list").clone();
        orders.into_iter().find(|order| order["orderId"] == self.order.as_str()).expect("it stands")
    }

    async fn available(&self) -> String {
        self.shop.available("org_a").await
    }
}

async fn in_review(shop: &Shop) -> Vec<(String, ReviewReason)> {
    let facts = shop.billing.review.all().await.expect("a list");
    let open = facts.into_iter().filter(|fact| fact.resolution.is_none());
    open.map(|ManualReview { object, reason, .. }| (object.into(), reason)).collect()
}

async fn decide(shop: &Shop, object: &str, reason: &str, grant: Option<&str>, more: Value) -> Response<Body> {
    let mut body = json!({"object": object, "quarantine": reason, "reason": "looked into"});
    if let Some(grant) = grant {
        body["grant"] = json!(grant);
    }
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    if body["organizationId"].is_string() && body["newOrganization"].is_null() {
        body["newOrganization"] = json!(true);
    }
    let call = Call::new("POST", "/api/admin/quarantine").by("org_droplab", "finance");
    shop.quarantine(call.body(body.to_string())).await
}

async fn decided(shop: &Shop, object: &str, reason: &str, grant: Option<&str>) -> Value {
    let (status, body) = read(&decide(shop, object, reason, grant, json!({})).await);
    assert_eq!(status, 200, "{body}");
    body
}
