//! Corrections by finance: either way, once for a key, never below nothing.

use super::{adjust, titles, with_100};
use ledger::{EntryKind, LotKind};
use serde_json::{Value, json};
use suite::gateway::{Call, assert_problem, read};
use terms::Month;

const PATH: &str = "/api/admin/credits/adjustments";

fn call(role: &str, key: &str, body: &Value) -> Call {
    Call::new("POST", PATH).by("org_droplab", role).header("idempotency-key", key).body(body.to_string())
}

fn body(amount: &str) -> Value {
    json!({"organizationId": "org_a", "amount": amount, "reason": "goodwill"})
}

#[tokio::test]
async fn credits_are_given_as_a_free_lot_and_taken_in_burn_order() {
    let shop = with_100().await;
    let (status, answer) = adjust(&shop, "k1", "org_a", "25.50").await;
    assert_eq!((status, &answer["amount"], &answer["available"]), (200, &json!("25.50"), &json!("125.50")));
    let (status, answer) = adjust(&shop, "k2", "org_a", "-30").await;
    assert_eq!((status, &answer["amount"], &answer["available"]), (200, &json!("-30.00"), &json!("95.50")));
    let account = shop.world.ledger.account(&shop.org("org_a")).await.unwrap();
    let lots: Vec<(LotKind, String)> =
        account.lots.iter().map(|lot| (lot.kind, lot.remaining.to_string())).collect();
    assert_eq!(lots, [(LotKind::Purchase, "95.50".to_owned())], "the free ones went first");
    let statement = shop.world.ledger.statement(&shop.org("org_a")).await.unwrap();
    let found: Vec<(EntryKind, &str, &str)> = statement[1..]
        .iter()
        .map(|entry| (entry.kind, entry.description.as_str(), entry.actor.as_str()))
        .collect();
    assert_eq!(found, [(EntryKind::Adjustment, "Adjustment: goodwill", "finance:sub-org_droplab"); 2]);
    assert_eq!(shop.credits("org_a").await["totalCreditsPurchased"], "100.00", "a gift is no purchase");
}

#[tokio::test]
async fn a_correction_downwards_has_a_total_of_its_own() {
    let shop = with_100().await;
    let totals = async || {
        let credits = shop.credits("org_a").await;
        ["totalCreditsPurchased", "totalCreditsGranted", "totalCreditsCorrected", "totalCreditsSpent"]
            .map(|name| credits[name].as_str().unwrap_or("absent").to_owned())
    };
    assert_eq!(totals().await, ["100.00", "0.00", "0.00", "0.00"]);
    adjust(&shop, "k1", "org_a", "-30").await;
    assert_eq!(totals().await, ["100.00", "0.00", "30.00", "0.00"], "nothing was ever granted");
    adjust(&shop, "k2", "org_a", "25.50").await;
    adjust(&shop, "k3", "org_a", "-20.25").await;
    assert_eq!(totals().await, ["100.00", "25.50", "50.25", "0.00"], "what was granted stays granted");
    let month = Month::of(shop.world.clock.now());
    let [month] = &shop.world.ledger.month(month).await.unwrap()[..] else { panic!("one organization") };
    assert_eq!((month.granted.to_string(), month.corrected.to_string()), ("25.50".into(), "50.25".into()));
}

#[tokio::test]
async fn no_more_is_taken_than_is_available_and_nothing_of_what_is_held() {
    let shop = with_100().await;
    shop.hold("org_a", "60").await;
    let response = shop.credit_adjustments(call("finance", "k1", &body("-40.01"))).await;
    assert_eq!(assert_problem(&response, 409, "more_than_available")["available"], "40.00");
    let (status, answer) = adjust(&shop, "k1", "org_a", "-40").await;
    assert_eq!((status, &answer["available"]), (200, &json!("0.00")), "a refused key may be used again");
    assert_eq!(adjust(&shop, "k2", "org_nobody", "-0.01").await.0, 409);
}

#[tokio::test]
async fn amounts_reasons_and_organizations_are_checked_before_anything_moves() {
    let shop = with_100().await;
    for amount in ["0", "10000.01", "-10000.01"] {
        let response = shop.credit_adjustments(call("finance", "k", &body(amount))).await;
        assert_problem(&response, 400, "amount_out_of_bounds");
    }
    for amount in ["1.001", "gift"] {
        let response = shop.credit_adjustments(call("finance", "k", &body(amount))).await;
        assert_problem(&response, 400, "invalid_amount");
    }
    for reason in ["", " ", &"x".repeat(121)] {
        let mut body = body("1");
        body["reason"] = json!(reason);
        assert_problem(&shop.credit_adjustments(call("finance", "k", &body)).await, 400, "invalid_reason");
    }
    let mut nobody = body("1");
    nobody["organizationId"] = json!("org#a");
    assert_problem(&shop.credit_adjustments(call("finance", "k", &nobody)).await, 404, "not_found");
    let keyless = Call::new("POST", PATH).by("org_droplab", "finance").body(body("1").to_string());
    assert_eq!(shop.credit_adjustments(keyless).await.status(), 400);
    for role in ["owner", "member"] {
        let own = call(role, "k", &body("1"));
        assert_problem(&shop.credit_adjustments(own).await, 403, "forbidden");
    }
    assert_eq!(shop.available("org_a").await, "100.00");
    for amount in ["10000", "-10000"] {
        assert_eq!(adjust(&shop, &format!("k{amount}"), "org_a", amount).await.0, 200, "{amount}");
    }
}

#[tokio::test]
async fn one_key_corrects_once_and_another_body_under_it_is_refused() {
    let shop = with_100().await;
    let first = shop.credit_adjustments(call("finance", "k", &body("5"))).await;
    let again = shop.credit_adjustments(call("finance", "k", &body("5"))).await;
    assert_eq!(read(&first), read(&again));
    assert_eq!(again.headers().get("idempotency-hit").map(|value| value.as_bytes()), Some(&b"true"[..]));
    for other in [body("6"), body("-5")] {
        let response = shop.credit_adjustments(call("finance", "k", &other)).await;
        assert_problem(&response, 422, "idempotency_key_reused");
    }
    assert_eq!(adjust(&shop, "k", "org_b", "5").await.0, 200, "another organization's key is its own");
    assert_eq!(
        (shop.available("org_a").await, shop.available("org_b").await),
        ("105.00".into(), "5.00".into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_racers_with_one_key_correct_once() {
    let shop = with_100().await;
    let racers = (0..64).map(|_| adjust(&shop, "k", "org_a", "-7"));
    let answers = futures::future::join_all(racers).await;
    assert!(answers.iter().any(|(status, _)| *status == 200));
    assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 503)), "{answers:?}");
    assert_eq!(shop.available("org_a").await, "93.00");
}

#[tokio::test]
async fn a_correction_downwards_pauses_auto_top_up_and_charges_nobody() {
    let shop = with_100().await;
    shop.set_top_up("org_a", "50", "500", "1000").await;
    assert_eq!(adjust(&shop, "k1", "org_a", "5").await.0, 200);
    assert_eq!(shop.auto_top_up("org_a").await.paused, None, "a gift pauses nothing");
    for _ in 0..2 {
        assert_eq!(adjust(&shop, "k2", "org_a", "-80").await.0, 200);
    }
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(billing::Pause::Corrected));
    for _ in 0..3 {
        shop.later(3600);
        shop.sweep().await;
        shop.work_off().await;
        shop.recover().await.unwrap();
    }
    assert_eq!((shop.charges().await.len(), shop.available("org_a").await.as_str()), (0, "25.00"));
    assert_eq!(titles(&shop).await, ["Auto top-up is paused"], "one alert");
    // The owner says so: it goes on.
    shop.set_top_up("org_a", "50", "500", "1000").await;
    shop.recover().await.unwrap();
    assert_eq!(shop.available("org_a").await, "500.00");
}
