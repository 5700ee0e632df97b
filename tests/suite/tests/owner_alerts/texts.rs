//! The reasons that people type: one clean line each, wherever they are typed.

use super::with_100;
use lambda_http::{Body, Response};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    shop::Shop,
};

/// As it comes from a word processor: blanks at its ends, letters and accents apart.
const TYPED: &str = "  pour le cafe\u{301}\u{FEFF} ";
const STORED: &str = "pour le caf\u{e9}";

/// A line break, a tab, an override and an isolate of the direction, texts that nobody sees.
const REFUSED: [&str; 8] =
    ["a\nb", "a\tb", "pay\u{202E}001", "a\u{2067}b", "", " ", "\u{200B}\u{200B}", "\u{3164}\u{2060}"];

struct Desk {
    shop: Shop,
    order: String,
}

impl Desk {
    async fn ask(&self, key: &str, reason: &str) -> Response<Body> {
        let call =
            Call::new("POST", "/api/credits/refunds").by("org_a", "owner").header("idempotency-key", key);
        self.shop
            .refund_request(call.body(json!({"orderId": self.order, "reason": reason}).to_string()))
            .await
    }

    async fn decide(&self, refund: &str, reason: &str) -> Response<Body> {
        let call = Call::new("POST", &format!("/api/admin/refunds/{refund}")).id("id", refund);
        let body = json!({"organizationId": "org_a", "approve": false, "reason": reason}).to_string();
        self.shop.refund_decisions(call.by("org_droplab", "finance").body(body)).await
    }

    async fn adjust(&self, key: &str, reason: &str) -> Response<Body> {
        let call = Call::new("POST", "/api/admin/credits/adjustments").by("org_droplab", "finance");
        let body = json!({"organizationId": "org_a", "amount": "1.00", "reason": reason}).to_string();
        self.shop.credit_adjustments(call.header("idempotency-key", key).body(body)).await
    }

    async fn review(&self, reason: &str) -> Response<Body> {
        let call = Call::new("POST", "/api/admin/quarantine").by("org_droplab", "finance");
        let body =
            json!({"object": "in_1", "quarantine": "organization-unknown", "reason": reason}).to_string();
        self.shop.quarantine(call.body(body)).await
    }
}

#[tokio::test]
async fn a_text_of_a_person_is_one_clean_line() {
    let shop = with_100().await;
    let order = shop.orders("org_a").await[0].order_id.to_string();
    let desk = Desk { shop, order };
    for reason in REFUSED {
        for answer in [
            desk.ask("k1", reason).await,
            desk.decide("rfd_1", reason).await,
            desk.adjust("k1", reason).await,
            desk.review(reason).await,
        ] {
            assert_problem(&answer, 400, "invalid_reason");
        }
    }
    let (status, asked) = read(&desk.ask("k1", TYPED).await);
    assert_eq!(status, 202, "{asked}");
    assert_eq!(read(&desk.ask("k1", STORED).await), (202, asked.clone()), "what looks the same is the same");
    let refund = asked["refundId"].as_str().unwrap();
    let (status, decided) = read(&desk.decide(refund, TYPED).await);
    assert_eq!(status, 200, "{decided}");
    assert_eq!((&decided["reason"], &decided["decision"]["reason"]), (&json!(STORED), &json!(STORED)));
    assert_eq!(desk.adjust("k1", TYPED).await.status(), 200);
    let statement = desk.shop.world.ledger.statement(&desk.shop.org("org_a")).await.unwrap();
    assert_eq!(statement.last().unwrap().description, format!("Adjustment: {STORED}"));
    assert_problem(&desk.review(TYPED).await, 404, "not_found");
    let found: Value = assert_problem(&desk.adjust("k2", "a\u{202E}b").await, 400, "invalid_reason");
    assert!(found["detail"].as_str().unwrap().contains("U+202E"), "{found}");
}
