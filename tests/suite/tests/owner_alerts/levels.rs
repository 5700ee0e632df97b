//! Levels of available credits: an alert each time they are crossed, down and up.

use super::{adjust, listed, spend, titles, with_100};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem},
    shop::Shop,
};

const PATH: &str = "/api/credits/alerts";

fn put(role: &str, body: &str) -> Call {
    Call::new("PUT", PATH).by("org_a", role).body(body)
}

#[tokio::test]
async fn a_level_raises_one_alert_each_time_it_is_crossed_down_and_up() {
    let shop = with_100().await;
    shop.set_levels("org_a", &["50", "20"]).await;
    spend(&shop, "50").await;
    assert!(titles(&shop).await.is_empty(), "50.00 are not below 50.00");
    spend(&shop, "0.01").await;
    spend(&shop, "5").await;
    assert_eq!(titles(&shop).await, ["Your credits fell below 50.00"]);
    adjust(&shop, "k1", "org_a", "5.01").await;
    shop.sweep().await;
    assert_eq!(titles(&shop).await[1..], ["Your credits are at 50.00 again"]);
    spend(&shop, "40").await;
    let found = titles(&shop).await;
    assert_eq!(found.len(), 4, "one movement crosses two levels: {found:?}");
    assert!(found[2..].contains(&"Your credits fell below 20.00".to_owned()));
    for _ in 0..3 {
        shop.sweep().await;
        shop.recover().await.unwrap();
    }
    assert_eq!(titles(&shop).await.len(), 4);
    let alerts = shop.alerts_of("org_a").await;
    assert!(alerts[0].text().contains("49.99 credits were left"), "{}", alerts[0].text());
}

#[tokio::test]
async fn a_hold_crosses_like_a_charge_and_its_release_crosses_back() {
    let shop = with_100().await;
    shop.set_levels("org_a", &["50"]).await;
    shop.later(1);
    let hold = shop.hold("org_a", "80").await;
    shop.sweep().await;
    shop.later(1);
    shop.settle("org_a", &hold, "10").await;
    shop.sweep().await;
    assert_eq!(titles(&shop).await, ["Your credits fell below 50.00", "Your credits are at 50.00 again"]);
}

#[tokio::test]
async fn levels_set_above_what_is_available_raise_alerts_at_once_and_not_again_when_saved_again() {
    let shop = with_100().await;
    shop.set_levels("org_a", &["200", "100", "150"]).await;
    shop.sweep().await;
    let mut found = titles(&shop).await;
    found.sort();
    assert_eq!(found, ["Your credits fell below 150.00", "Your credits fell below 200.00"]);
    for _ in 0..3 {
        shop.later(1);
        shop.set_levels("org_a", &["100", "150", "200"]).await;
        shop.sweep().await;
    }
    assert_eq!(titles(&shop).await.len(), 2);
    shop.later(1);
    shop.set_levels("org_a", &[]).await;
    shop.set_levels("org_a", &["200"]).await;
    shop.sweep().await;
    assert_eq!(titles(&shop).await.len(), 3, "set anew, it raises an alert anew");
}

#[tokio::test]
async fn a_level_that_is_no_longer_set_raises_no_alert() {
    let shop = with_100().await;
    shop.set_levels("org_a", &["50"]).await;
    shop.spend("org_a", "60").await;
    shop.set_levels("org_a", &["10"]).await;
    shop.sweep().await;
    assert!(titles(&shop).await.is_empty(), "the crossing was noted before, and nobody wants to know");
    spend(&shop, "35").await;
    assert_eq!(titles(&shop).await, ["Your credits fell below 10.00"]);
}

#[tokio::test]
async fn an_owner_sets_up_to_three_levels_above_zero_and_everybody_of_theirs_reads_them() {
    let shop = with_100().await;
    for role in ["member", "finance"] {
        assert_problem(&shop.credit_alerts(put(role, r#"{"levels":["5"]}"#)).await, 403, "forbidden");
    }
    let table = [
        (r#"{"levels":["1","2","3","4"]}"#, "levels_out_of_bounds"),
        (r#"{"levels":["0"]}"#, "levels_out_of_bounds"),
        (r#"{"levels":["-1"]}"#, "levels_out_of_bounds"),
        (r#"{"levels":["1000000.01"]}"#, "levels_out_of_bounds"),
        (r#"{"levels":["1.001"]}"#, "invalid_amount"),
        (r#"{"levels":["low"]}"#, "invalid_amount"),
    ];
    for (body, code) in table {
        assert_problem(&shop.credit_alerts(put("owner", body)).await, 400, code);
    }
    for body in ["{}", r#"{"levels":"5"}"#, r#"{"levels":["5"],"organizationId":"org_b"}"#] {
        assert_eq!(shop.credit_alerts(put("owner", body)).await.status(), 400, "{body}");
    }
    assert_eq!(listed(&shop, "org_a").await, json!({"levels": [], "alerts": []}));
    shop.set_levels("org_a", &["7", "1000000", "7.00", "0.01"]).await;
    assert_eq!(listed(&shop, "org_a").await["levels"], json!(["0.01", "7.00", "1000000.00"]));
    assert_eq!(listed(&shop, "org_b").await, json!({"levels": [], "alerts": []}));
}

#[tokio::test]
async fn alerts_are_listed_newest_first_and_only_to_their_organization() {
    let shop = with_100().await;
    shop.bought("org_b", "100").await;
    shop.set_levels("org_a", &["50"]).await;
    for round in 0..60 {
        spend(&shop, "60").await;
        adjust(&shop, &format!("k{round}"), "org_a", "60").await;
        shop.sweep().await;
    }
    let body = listed(&shop, "org_a").await;
    let alerts = body["alerts"].as_array().unwrap();
    assert_eq!(alerts.len(), 100, "the latest hundred");
    let times: Vec<&str> = alerts.iter().map(|alert| alert["raisedAt"].as_str().unwrap()).collect();
    assert!(times.windows(2).all(|pair| pair[0] >= pair[1]), "newest first");
    assert_eq!(alerts[0]["told"]["level"], "50.00");
    assert!(alerts[0]["sentAt"].is_string() && alerts[0]["text"].is_string());
    assert_eq!(listed(&shop, "org_b").await["alerts"], json!([]));
}

#[tokio::test]
async fn who_never_bought_anything_can_set_levels() {
    let shop = Shop::new().await;
    shop.set_levels("org_new", &["5"]).await;
    shop.sweep().await;
    let body = listed(&shop, "org_new").await;
    assert_eq!((&body["levels"], body["alerts"].as_array().map(Vec::len)), (&json!(["5.00"]), Some(1)));
    assert_eq!(body["alerts"][0]["told"]["available"], Value::from("0.00"));
}
