//! Count, quote and purchase, before anything is fetched.

use crate::stage::{FLORIDA, Stage, order_of};
use platform::config::name;
use serde_json::{Value, json};
use suite::gateway::{assert_problem, read};
use support::assert_members;

async fn quote(stage: &Stage, organization: &str, contacts: u32) -> Value {
    let body = format!(r#"{{"filters":{FLORIDA},"maxContacts":{contacts}}}"#);
    let (status, answer) = read(&stage.count_of(organization, &body).await);
    assert_eq!(status, 200, "{answer}");
    answer
}

fn quoted_order(contacts: u32, quote: &Value) -> String {
    let id = quote["quote"]["quoteId"].as_str().expect("a quote");
    format!(r#"{{"filters":{FLORIDA},"maxContacts":{contacts},"audienceName":"Florida","quoteId":"{id}"}}"#)
}

#[tokio::test]
async fn a_count_is_free_and_quotes_the_price_of_its_tier() {
    let stage = Stage::with_credits("49.00").await;
    let answer = quote(&stage, "org_a", 1_000).await;
    assert!(answer["count"].as_u64().expect("a count") >= 15_000);
    let quote = &answer["quote"];
    assert_members!(quote, {"contacts": 1_000, "unitPrice": "0.30", "total": "300.00", "available": "49.00",
        "shortfall": "251.00", "suggestedPackage": "500.00", "purchases": 1,
        "expiresAt": "2026-11-22T08:30:00.000Z"});
    assert!(!answer.to_string().contains("endor"), "what the vendor charges is not the customer's: {answer}");
    let vendor = stage.vendor("dataAxle").await;
    assert_eq!((&vendor["contactsDelivered"], &vendor["countCalls"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn nobody_matching_is_no_quote_and_no_purchase() {
    let stage = Stage::with_credits("100.00").await;
    let nobody = r#"{"states":["FL"],"zips":["99999"]}"#;
    let (status, answer) =
        read(&stage.count_of("org_a", &format!(r#"{{"filters":{nobody},"maxContacts":10}}"#)).await);
    assert_eq!((status, &answer["count"], &answer["quote"]), (200, &json!(0), &Value::Null));
    assert!(answer["message"].is_string());
    let body = format!(r#"{{"filters":{nobody},"maxContacts":10,"audienceName":"Nobody"}}"#);
    assert_problem(&stage.order("org_a", "k1", &body).await, 409, "no_matches");
    assert_eq!(stage.held("org_a").await, "0.00");
}

#[tokio::test]
async fn a_purchase_of_100_00_with_99_50_available_is_refused_with_a_shortfall_of_0_50() {
    let book = r#"{"versions":[{"version":1,"effectiveFrom":"2025-01-01T00:00:00Z","contacts":[
        {"from":1,"unitPrice":"0.20","vendorUnitCost":"0.12"}],
        "postcards":{"unitPrice":"1.00","vendorUnitCost":"0.85"}}]}"#;
    let stage = Stage::with_prices(book).await;
    stage.buy_credits("org_a", "99.50").await;
    let before = stage.stored();
    let problem =
        assert_problem(&stage.order("org_a", "k1", &order_of(500)).await, 402, "insufficient_credits");
    assert_eq!((&problem["required"], &problem["available"]), (&json!("100.00"), &json!("99.50")));
    assert_eq!((&problem["shortfall"], &problem["suggestedPackage"]), (&json!("0.50"), &json!("50.00")));
    assert_eq!((&problem["purchases"], &problem["buyUrl"]), (&json!(1), &json!("/settings")));
    assert_eq!(stage.stored(), before, "a refusal writes nothing");
    assert_eq!(stage.deliver().await, 0, "nothing is queued");
    assert_eq!(stage.vendor("dataAxle").await["contactsDelivered"], 0);
    // The same key succeeds once the credits are there.
    stage.buy_credits("org_a", "50.00").await;
    assert_eq!(read(&stage.order("org_a", "k1", &order_of(500)).await).0, 202);
    assert_eq!(stage.available("org_a").await, "49.50");
}

#[tokio::test]
async fn a_purchase_holds_the_credits_and_answers_where_its_progress_stands() {
    let stage = Stage::with_credits("500.00").await;
    let (status, body) = read(&stage.order("org_a", "k1", &order_of(1_000)).await);
    assert_eq!((status, &body["status"], &body["held"]), (202, &json!("queued"), &json!("300.00")));
    let id = body["purchaseId"].as_str().expect("an id");
    assert_eq!(body["progressUrl"], format!("/api/audience/purchases/{id}"));
    assert_eq!(
        (stage.available("org_a").await, stage.held("org_a").await),
        ("200.00".into(), "300.00".into())
    );
    let view = stage.status_of("org_a", id).await;
    assert_members!(view, {"status": "queued", "requested": 1_000, "delivered": 0, "download": null,
        "recipientListId": null});
}

#[tokio::test]
async fn a_purchase_repeated_with_its_key_is_the_same_purchase() {
    let stage = Stage::with_credits("310.00").await;
    let first = stage.order("org_a", "k1", &order_of(1_000)).await;
    // Neither a vendor that is down nor credits that are gone matter to a replay.
    stage.fault(json!({"vendor": "data-axle", "kind": "status", "status": 503, "next": 1})).await;
    let again = stage.order("org_a", "k1", &order_of(1_000)).await;
    stage.clear_faults().await;
    assert_eq!(read(&first), read(&again));
    assert_eq!(again.headers()["idempotency-hit"], "true");
    assert!(first.headers().get("idempotency-hit").is_none());
    assert_eq!(stage.deliver().await, 1);
    let late = stage.order("org_a", "k1", &order_of(1_000)).await;
    assert_eq!(read(&first), read(&late), "the first answer, also after the settle");
    assert_eq!(stage.available("org_a").await, "10.00");
}

#[tokio::test]
async fn a_reused_key_with_another_body_writes_nothing() {
    let stage = Stage::with_credits("1000.00").await;
    stage.place("org_a", "k1", 1_000).await;
    let before = stage.stored();
    assert_problem(&stage.order("org_a", "k1", &order_of(1_001)).await, 422, "idempotency_key_reused");
    assert_eq!(stage.stored(), before);
    // The key is the organization's own: another's same key is another purchase.
    stage.buy_credits("org_b", "1000.00").await;
    assert_eq!(read(&stage.order("org_b", "k1", &order_of(1_001)).await).0, 202);
}

#[tokio::test]
async fn sixteen_deliveries_of_one_order_hold_once() {
    let stage = Stage::with_credits("1000.00").await;
    let body = order_of(1_000);
    let answers = futures::future::join_all((0..16).map(|_| stage.order("org_a", "k1", &body))).await;
    for answer in &answers {
        assert_eq!(read(answer), read(&answers[0]));
        assert_eq!(answer.status(), 202);
    }
    assert_eq!(stage.available("org_a").await, "700.00");
}

#[tokio::test]
async fn a_quote_holds_for_30_minutes() {
    let stage = Stage::with_credits("1000.00").await;
    let answer = quote(&stage, "org_a", 1_000).await;
    stage.world.clock.advance_seconds(1_799);
    assert_eq!(read(&stage.order("org_a", "k1", &quoted_order(1_000, &answer)).await).0, 202);
    stage.world.clock.advance_seconds(1);
    let late = stage.order("org_a", "k2", &quoted_order(1_000, &answer)).await;
    let problem = assert_problem(&late, 409, "price_changed");
    assert_eq!((&problem["contacts"], &problem["total"]), (&json!(1_000), &json!("300.00")));
    assert_eq!(stage.available("org_a").await, "700.00");
}

#[tokio::test]
async fn a_quote_of_another_organization_or_for_something_else_does_not_hold() {
    let stage = Stage::with_credits("1000.00").await;
    let foreign = quote(&stage, "org_b", 1_000).await;
    assert_problem(&stage.order("org_a", "k1", &quoted_order(1_000, &foreign)).await, 409, "price_changed");
    let own = quote(&stage, "org_a", 1_000).await;
    assert_problem(&stage.order("org_a", "k1", &quoted_order(999, &own)).await, 409, "price_changed");
    let other = quoted_order(1_000, &own).replace("FL", "TX");
    assert_problem(&stage.order("org_a", "k1", &other).await, 409, "price_changed");
    assert_eq!(read(&stage.order("org_a", "k1", &quoted_order(1_000, &own)).await).0, 202);
}

#[tokio::test]
async fn a_price_that_changed_since_the_quote_is_shown_before_it_is_charged() {
    let mut stage = Stage::with_credits("1000.00").await;
    let answer = quote(&stage, "org_a", 1_000).await;
    let dearer = r#"{"versions":[{"version":1,"effectiveFrom":"2025-01-01T00:00:00Z","contacts":[
        {"from":1,"unitPrice":"0.40","vendorUnitCost":"0.18"}],
        "postcards":{"unitPrice":"1.00","vendorUnitCost":"0.85"}}]}"#;
    stage.restart_with(name::PRICE_BOOK, dearer);
    let problem = assert_problem(
        &stage.order("org_a", "k1", &quoted_order(1_000, &answer)).await,
        409,
        "price_changed",
    );
    assert_eq!((&problem["unitPrice"], &problem["total"]), (&json!("0.40"), &json!("400.00")));
    assert_eq!(stage.held("org_a").await, "0.00");
}

#[tokio::test]
async fn five_purchases_may_be_open_and_not_six() {
    let stage = Stage::with_credits("1000.00").await;
    for number in 0..5 {
        stage.place("org_a", &format!("k{number}"), 10).await;
    }
    assert_problem(&stage.order("org_a", "k5", &order_of(10)).await, 409, "too_many_open_purchases");
    stage.deliver().await;
    assert_eq!(read(&stage.order("org_a", "k5", &order_of(10)).await).0, 202);
}
