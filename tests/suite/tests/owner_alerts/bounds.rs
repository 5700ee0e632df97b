//! What finance may grant: within bounds, to organizations that exist, once as an opening balance; what is large or
//! against the rule raises an alarm.

use super::{adjust, import_row, with_100};
use ledger::EntryKind;
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    lines::Lines,
    shop::Shop,
};
use support::assert_members;

const HEADER: &str = "rowId,organizationId,credits,stripeCustomerId\n";
const WIDE: &str = "rowId,organizationId,credits,stripeCustomerId,override,reason\n";

async fn row(shop: &Shop, header: &str, row: &str) -> Value {
    let (status, answer) = import_row(shop, &format!("{header}{row}\n")).await;
    if status == 200 { answer["rows"][0].clone() } else { answer }
}

fn correction(key: &str, organization: &str, more: &Value) -> Call {
    let mut body = json!({"organizationId": organization, "amount": "5.00", "reason": "goodwill"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let call = Call::new("POST", "/api/admin/credits/adjustments").by("org_droplab", "finance");
    call.header("idempotency-key", key).body(body.to_string())
}

#[tokio::test]
async fn a_row_and_a_file_of_opening_balances_have_bounds() {
    let shop = Shop::new().await;
    let over = row(&shop, HEADER, "row-1,org_a,100000.01,").await;
    assert_eq!((&over["code"], &over["line"]), (&json!("invalid_row"), &json!(2)), "{over}");
    let file = |rows: i64, rest: &str| {
        let rows = (0..rows).map(|at| format!("row-{at},org_{at},100000.00,\n"));
        format!("{HEADER}{}{rest}", rows.collect::<String>())
    };
    let (status, answer) = import_row(&shop, &file(10, "row-x,org_x,0.01,\n")).await;
    assert_eq!((status, &answer["code"]), (400, &json!("file_total_too_large")), "{answer}");
    assert!(shop.world.dynamo.dump("ledger").is_empty(), "nothing of it counts");
    let (status, answer) = import_row(&shop, &file(10, "")).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(shop.available("org_9").await, "100000.00");
}

#[tokio::test]
async fn an_organization_is_opened_once_and_not_after_it_has_done_business() {
    let shop = Shop::new().await;
    assert_eq!(row(&shop, HEADER, "row-1,org_a,10.00,").await["done"], true);
    for second in ["row-2,org_a,10.00,", "row-2,org_a,0.01,"] {
        let refused = row(&shop, HEADER, second).await;
        assert_members!(refused, {"done": false, "code": "not_unopened"}, "{refused}");
        assert!(refused["why"].as_str().unwrap().ends_with('.'), "{refused}");
    }
    assert_eq!(row(&shop, HEADER, "row-1,org_a,10.00,").await["done"], true, "the same row is a replay");
    // What it bought before the import and left untouched does not stand in its way.
    shop.bought("org_b", "50").await;
    assert_eq!(row(&shop, HEADER, "row-3,org_b,10.00,").await["done"], true);
    shop.bought("org_c", "50").await;
    shop.spend("org_c", "0.01").await;
    assert_eq!(row(&shop, HEADER, "row-4,org_c,10.00,").await["code"], "not_unopened");
    shop.bought("org_d", "50").await;
    shop.hold("org_d", "1").await;
    assert_eq!(row(&shop, HEADER, "row-5,org_d,10.00,").await["code"], "not_unopened");
    // Spent to nothing, it was opened all the same.
    shop.spend("org_a", "10").await;
    assert_eq!(row(&shop, HEADER, "row-6,org_a,10.00,").await["code"], "not_unopened");
    assert_eq!(row(&shop, HEADER, "row-7,org_a,0.00,cus_a").await["done"], true, "a customer alone");
}

#[tokio::test]
async fn an_override_names_its_reason_and_raises_an_alarm() {
    let shop = Shop::new().await;
    let (alarms, _listening) = Lines::listen();
    row(&shop, WIDE, "row-1,org_a,10.00,,,").await;
    assert_eq!(row(&shop, WIDE, "row-2,org_a,20.00,,false,").await["code"], "not_unopened");
    assert_eq!(alarms.take_alarms(), Vec::<String>::new());
    let done = row(&shop, WIDE, "row-2,org_a,20.00,,true,found late").await;
    assert_eq!(done["done"], true, "{done}");
    assert_eq!(alarms.take_alarms(), ["finance-override"]);
    let statement = shop.world.ledger.statement(&shop.org("org_a")).await.unwrap();
    assert_eq!(statement[1].kind, EntryKind::Opening);
    assert_eq!(statement[1].description, "Opening balance, rule overridden: found late");
    let long = format!("row-3,org_a,1.00,,true,{}", "x".repeat(121));
    for wrong in ["row-3,org_a,1.00,,true,", "row-3,org_a,1.00,,yes,r", "row-3,org_a,1.00,,,r", &long] {
        assert_eq!(row(&shop, WIDE, wrong).await["code"], "invalid_row", "{wrong}");
    }
    assert_eq!(
        row(&shop, WIDE, "row-3,org_a,100000.01,,true,r").await["code"],
        "invalid_row",
        "no bound is lifted"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_opening_balances_at_once_one_is_imported() {
    let shop = Shop::new().await;
    let rows: Vec<String> = (0..16).map(|at| format!("row-{at},org_a,10.00,")).collect();
    let answers = futures::future::join_all(rows.iter().map(|text| row(&shop, HEADER, text))).await;
    assert_eq!(answers.iter().filter(|answer| answer["done"] == true).count(), 1, "{answers:?}");
    assert_eq!(shop.available("org_a").await, "10.00");
}

#[tokio::test]
async fn a_mistyped_organization_does_not_become_an_account() {
    let shop = with_100().await;
    let call = correction("k1", "org_typo", &json!({}));
    assert_problem(&shop.credit_adjustments(call).await, 409, "organization_unknown");
    let account = shop.world.ledger.account(&shop.org("org_typo")).await.unwrap();
    assert_eq!(account.seq, 0, "nothing was written");
    let confirmed = correction("k1", "org_typo", &json!({"newOrganization": true}));
    assert_eq!(
        read(&shop.credit_adjustments(confirmed.clone()).await).0,
        200,
        "a refused key may be used again"
    );
    let again = shop.credit_adjustments(confirmed).await;
    assert_eq!(again.headers().get("idempotency-hit").map(|value| value.as_bytes()), Some(&b"true"[..]));
    assert_eq!(shop.available("org_typo").await, "5.00");
    // A key that moved credits answers its receipt: that the organization is known by now changes nothing.
    let known = correction("k2", "org_typo", &json!({}));
    assert_eq!(read(&shop.credit_adjustments(known).await).0, 200);
}

#[tokio::test]
async fn a_large_grant_by_finance_raises_an_alarm() {
    let shop = with_100().await;
    let (alarms, _listening) = Lines::listen();
    adjust(&shop, "k1", "org_a", "1000.00").await;
    row(&shop, HEADER, "row-1,org_b,1000.00,").await;
    assert_eq!(alarms.take_alarms(), Vec::<String>::new());
    adjust(&shop, "k2", "org_a", "1000.01").await;
    row(&shop, HEADER, "row-2,org_c,1000.01,").await;
    assert_eq!(alarms.take_alarms(), ["large-grant", "large-grant"]);
    adjust(&shop, "k3", "org_a", "-1000.01").await;
    assert_eq!(alarms.take_alarms(), Vec::<String>::new(), "taken away is not granted");
}
