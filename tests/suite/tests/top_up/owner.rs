//! What an owner sets, and what stays theirs alone.

use super::{charges_fail, customer, look, low, ready};
use billing::TopUpOutcome;
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    shop::Shop,
};
use support::assert_members;

const PATH: &str = "/api/credits/auto-top-up";

fn put(role: &str, body: &Value) -> Call {
    Call::new("PUT", PATH).by("org_a", role).body(body.to_string())
}

fn settings() -> Value {
    json!({"enabled": true, "threshold": "50", "target": "500", "monthlyCap": "1000"})
}

async fn shown(shop: &Shop, organization: &str) -> Value {
    let (status, body) = read(&shop.top_up_settings(Call::new("GET", PATH).by(organization, "member")).await);
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test]
async fn an_owner_sees_what_is_set_what_was_charged_and_what_is_under_way() {
    let shop = Shop::new().await;
    let nothing = json!({"settings": null, "chargedThisMonth": "0.00", "inFlight": null, "paused": null,
        "waitUntil": null});
    assert_eq!(shown(&shop, "org_a").await, nothing);
    shop.bought("org_a", "100").await;
    shop.set_top_up("org_a", "50", "500", "1000").await;
    shop.spend("org_a", "60").await;
    shop.cards_end(&customer(&shop).await, "processing").await;
    look(&shop).await.unwrap();
    let view = shown(&shop, "org_a").await;
    assert_members!(view, {
        "settings": {"enabled": true, "threshold": "50.00", "target": "500.00", "monthlyCap": "1000.00"},
        "chargedThisMonth": "460.00", "inFlight": {"amount": "460.00"}});
    assert_eq!(shown(&shop, "org_b").await, nothing, "another organization's are its own");
}

#[tokio::test]
async fn only_an_owner_sets_and_only_within_bounds() {
    let shop = Shop::new().await;
    for role in ["member", "finance", ""] {
        assert_problem(&shop.top_up_settings(put(role, &settings())).await, 403, "forbidden");
    }
    let nobody = Call::new("PUT", PATH).body(settings().to_string());
    assert_problem(&shop.top_up_settings(nobody).await, 401, "unauthorized");
    let table = [
        ("threshold", json!("0"), "threshold_out_of_bounds"),
        ("threshold", json!("-1"), "threshold_out_of_bounds"),
        ("threshold", json!("10000.01"), "threshold_out_of_bounds"),
        ("target", json!("59.99"), "target_out_of_bounds"),
        ("target", json!("20000.01"), "target_out_of_bounds"),
        ("monthlyCap", json!("9.99"), "monthly_cap_out_of_bounds"),
        ("monthlyCap", json!("100000.01"), "monthly_cap_out_of_bounds"),
        ("monthlyCap", json!("lots"), "invalid_amount"),
        ("threshold", json!(50.001), "invalid_amount"),
    ];
    for (name, value, code) in table {
        let mut body = settings();
        body[name] = value;
        assert_problem(&shop.top_up_settings(put("owner", &body)).await, 400, code);
    }
    let mut foreign = settings();
    foreign["organizationId"] = json!("org_b");
    assert_eq!(
        shop.top_up_settings(put("owner", &foreign)).await.status(),
        400,
        "the body names no organization"
    );
    assert!(shop.world.dynamo.dump("work").is_empty());
    for (threshold, target, cap) in [("0.01", "10.01", "10"), ("10000", "20000", "100000")] {
        shop.set_top_up("org_a", threshold, target, cap).await;
    }
}

#[tokio::test]
async fn who_switches_it_off_while_a_charge_is_under_way_gets_its_credits_and_no_further_charge() {
    for succeed in [true, false] {
        let shop = low().await;
        shop.cards_end(&customer(&shop).await, "processing").await;
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::UnderWay);
        let mut off = settings();
        off["enabled"] = json!(false);
        let (status, view) = read(&shop.top_up_settings(put("owner", &off)).await);
        assert_eq!(
            (status, &view["inFlight"]["amount"]),
            (200, &json!("460.00")),
            "it is under way all the same"
        );
        let charge = shop.charges().await[0]["id"].as_str().unwrap().to_owned();
        let path = format!("stripe/payment-intents/{charge}/settle");
        shop.control("POST", &path, json!({"succeed": succeed})).await;
        shop.events_are_forgotten().await;
        shop.later(21 * 3600);
        shop.recover().await.unwrap();
        let record = shop.auto_top_up("org_a").await;
        assert_eq!(record.in_flight, None, "recovery looks after it although it is off");
        assert_eq!(shop.available("org_a").await, if succeed { "500.00" } else { "40.00" });
        shop.cards_end(&customer(&shop).await, "succeeds").await;
        for _ in 0..3 {
            shop.later(2 * 3600);
            if shop.available("org_a").await == "500.00" {
                shop.spend("org_a", "480").await;
            }
            shop.sweep().await;
            shop.work_off().await;
            shop.recover().await.unwrap();
        }
        assert_eq!(shop.charges().await.len(), 1, "{succeed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threshold_and_alert_levels_set_at_once_are_both_watched() {
    for _ in 0..16 {
        let shop = ready().await;
        let levels = async { shop.set_levels("org_a", &["20", "30"]).await };
        let threshold = async { shop.set_top_up("org_a", "60", "500", "1000").await };
        tokio::join!(levels, threshold);
        let account = shop.world.ledger.account(&shop.org("org_a")).await.unwrap();
        assert_eq!(account.watch.as_text(), "20.00 30.00 60.00");
    }
}

#[tokio::test]
async fn a_charge_that_stripe_never_heard_of_is_not_begun_once_it_is_off_or_paused() {
    for off in [true, false] {
        let shop = low().await;
        charges_fail(&shop, "drop").await;
        assert!(look(&shop).await.is_err());
        if off {
            let mut off = settings();
            off["enabled"] = json!(false);
            assert_eq!(shop.top_up_settings(put("owner", &off)).await.status(), 200);
        } else {
            let payment = shop.orders("org_a").await.into_iter().find_map(|order| order.payment_intent);
            shop.refund(&payment.unwrap(), 1_000).await;
            shop.deliver_all().await;
        }
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::UnderWay, "its first request may be under way");
        for _ in 0..8 {
            shop.later(1800);
            shop.recover().await.unwrap();
        }
        assert!(shop.charges().await.is_empty(), "off: {off}");
        let record = shop.auto_top_up("org_a").await;
        assert_eq!((record.in_flight, record.charged.to_string()), (None, "0.00".to_owned()));
    }
}

#[tokio::test]
async fn a_charge_whose_answer_was_lost_is_granted_although_it_is_off_by_then() {
    let shop = low().await;
    charges_fail(&shop, "drop-after-effect").await;
    assert!(look(&shop).await.is_err());
    let mut off = settings();
    off["enabled"] = json!(false);
    assert_eq!(shop.top_up_settings(put("owner", &off)).await.status(), 200);
    shop.events_are_forgotten().await;
    shop.later(600);
    shop.recover().await.unwrap();
    assert_eq!(shop.charged().await, ["succeeded 46000"]);
    assert_eq!(shop.available("org_a").await, "500.00");
    assert_eq!(shop.auto_top_up("org_a").await.in_flight, None);
}
