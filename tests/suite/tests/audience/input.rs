//! What is refused at the door, each with a problem for people, and nothing written.

use crate::stage::{FLORIDA, PATH, Stage, order_of};
use audience::Purchase;
use serde_json::{Value, json};
use suite::gateway::{Call, assert_problem, read};
use support::assert_members;
use terms::PurchaseId;

#[tokio::test]
async fn a_count_takes_only_what_it_knows() {
    let stage = Stage::new().await;
    let table = [
        (format!(r#"{{"filters":{FLORIDA},"maxContacts":0}}"#), "invalid_max_contacts"),
        (format!(r#"{{"filters":{FLORIDA},"maxContacts":100001}}"#), "invalid_max_contacts"),
        (format!(r#"{{"filters":{FLORIDA},"maxContacts":-1}}"#), "invalid_max_contacts"),
        (format!(r#"{{"filters":{FLORIDA},"maxContacts":1.5}}"#), "invalid_body"),
        (format!(r#"{{"filters":{FLORIDA},"maxContacts":"many"}}"#), "invalid_body"),
        (format!(r#"{{"filters":{FLORIDA}}}"#), "invalid_body"),
        (format!(r#"{{"filters":{FLORIDA},"maxContacts":10,"organizationId":"org_b"}}"#), "invalid_body"),
        (r#"{"filters":{"shoeSize":9},"maxContacts":10}"#.to_owned(), "invalid_filters"),
        (r#"{"filters":{"states":["Florida"]},"maxContacts":10}"#.to_owned(), "invalid_filters"),
        (r#"{"filters":[],"maxContacts":10}"#.to_owned(), "invalid_filters"),
        (r#"{"filters":"state = FL","maxContacts":10}"#.to_owned(), "invalid_filters"),
        ("not json".to_owned(), "invalid_body"),
    ];
    for (body, code) in table {
        assert_problem(&stage.count_of("org_a", &body).await, 400, code);
    }
    assert_eq!(stage.vendor("dataAxle").await["countCalls"], 0);
    assert_eq!(stage.stored(), "[[],[]]");
}

#[tokio::test]
async fn no_filter_at_all_is_everyone_up_to_the_number_wanted() {
    let stage = Stage::new().await;
    let (status, body) = read(&stage.count_of("org_a", r#"{"filters":{},"maxContacts":100000}"#).await);
    assert_eq!((status, &body["quote"]["contacts"]), (200, &json!(100_000)));
    assert_members!(body, {"quote": {"total": "18000.00", "suggestedPackage": "10000.00", "purchases": 2}});
}

#[tokio::test]
async fn a_purchase_takes_only_what_it_knows() {
    let stage = Stage::with_credits("500.00").await;
    let before = stage.stored();
    let named = |name: Value| {
        json!({"filters": {"states": ["FL"]}, "maxContacts": 10, "audienceName": name}).to_string()
    };
    let table = [
        (order_of(0), "invalid_max_contacts"),
        (order_of(100_001), "invalid_max_contacts"),
        (order_of(10).replace("states", "provinces"), "invalid_filters"),
        (named(json!("")), "invalid_audience_name"),
        (named(json!("n".repeat(121))), "invalid_audience_name"),
        (named(json!("Tampa\nhomeowners")), "invalid_audience_name"),
        (named(json!("Tampa \u{202E}sdrow")), "invalid_audience_name"),
        (named(json!("\u{200B}\u{2060}")), "invalid_audience_name"),
        (named(json!(null)), "invalid_body"),
        (
            order_of(10).replace("\"audienceName\"", "\"environment\":\"sandbox\",\"audienceName\""),
            "invalid_body",
        ),
        (order_of(10).replace("\"audienceName\"", "\"quoteId\":\"a#b\",\"audienceName\""), "invalid_body"),
        (order_of(10).replace("\"audienceName\"", "\"quoteId\":null,\"audienceName\""), "invalid_body"),
        (order_of(10).replace("\"audienceName\"", "\"unitPrice\":\"0.01\",\"audienceName\""), "invalid_body"),
    ];
    for (body, code) in table {
        assert_problem(&stage.order("org_a", "k1", &body).await, 400, code);
    }
    assert_eq!(stage.stored(), before);
}

#[tokio::test]
async fn a_city_with_a_typographic_apostrophe_is_the_vendors_city() {
    let stage = Stage::with_credits("500.00").await;
    let typed = ["Coeur d\u{2019}Alene", "Coeur d'Alene", "Winston\u{2013}Salem", " St.\u{a0}Louis", "Tampa"];
    let body =
        json!({"filters": {"cities": typed}, "maxContacts": 10, "audienceName": " Cafe\u{301} guests "});
    let (status, answer) = read(&stage.order("org_a", "k1", &body.to_string()).await);
    assert_eq!(status, 202, "{answer}");
    let id = PurchaseId::parse(answer["purchaseId"].as_str().unwrap()).unwrap();
    let key = audience::purchase_key(&stage.world.organization("org_a"), &id);
    let stored = stage.world.work.get::<Purchase>(&key).await.unwrap().unwrap().record;
    let plain = ["Coeur d'Alene", "St. Louis", "Tampa", "Winston-Salem"].map(str::to_owned);
    assert_eq!(stored.placed.filters.cities, Some(plain.to_vec()), "as the vendor writes them, each once");
    assert_eq!(stored.placed.audience_name.as_str(), "Caf\u{e9} guests");
}

#[tokio::test]
async fn only_an_owner_with_a_key_buys() {
    let stage = Stage::with_credits("500.00").await;
    let call = || Call::new("POST", PATH).body(order_of(10));
    let keyed = |call: Call| call.header("idempotency-key", "k1");
    assert_problem(&stage.order_call(&keyed(call())).await, 401, "unauthorized");
    assert_problem(&stage.order_call(&keyed(call().by("org_a", "member"))).await, 403, "forbidden");
    let access =
        json!({"sub": "s", "token_use": "access", "custom:organization_id": "org_a", "custom:role": "owner"});
    assert_problem(&stage.order_call(&keyed(call().with_claims(access))).await, 401, "unauthorized");
    assert_problem(&stage.order_call(&call().by("org_a", "owner")).await, 400, "idempotency_key_missing");
    let long = call().by("org_a", "owner").header("idempotency-key", &"k".repeat(256));
    assert_problem(&stage.order_call(&long).await, 400, "idempotency_key_invalid");
    assert_eq!(stage.held("org_a").await, "0.00");
}

#[tokio::test]
async fn a_joined_idempotency_key_is_refused_not_charged() {
    let stage = Stage::with_credits("500.00").await;
    stage.place("org_a", "k", 100).await;
    let before = stage.stored();
    let twice = Call::new("POST", PATH).by("org_a", "owner").body(order_of(100));
    let twice = twice.header("Idempotency-Key", "k").header("Idempotency-Key", "k");
    assert_problem(&stage.order_call(&twice).await, 400, "idempotency_key_invalid");
    assert_eq!(stage.stored(), before, "nothing is held for it");
    assert_eq!(stage.held("org_a").await, "35.00");
}
