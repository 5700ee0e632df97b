//! The worker on good days: search, scan, hand-over, redelivery, what is delivered and charged.

use crate::stage::{Stage, figures, order_of};
use platform::config::name;
use serde_json::{Value, json};
use std::time::Duration;
use suite::{
    gateway::{assert_problem, read},
    spreadsheet,
};
use support::assert_members;

const PLENTY: Duration = Duration::from_secs(300);

#[tokio::test]
async fn a_thousand_contacts_are_searched_delivered_and_charged() {
    let (stage, id) = Stage::queued("500.00", 1_000).await;
    assert_eq!(stage.deliver().await, 1);
    let view = stage.status_of("org_a", &id).await;
    assert_members!(view, {"status": "completed", "delivered": 1_000, "held": "300.00", "charged": "300.00",
        "released": "0.00"});
    assert_eq!((stage.available("org_a").await, stage.held("org_a").await), ("200.00".into(), "0.00".into()));
    assert_eq!(stage.listed("org_a", &id).await, 1_000);
    assert_eq!(stage.month("org_a").await, figures(1, 1_000, "150.00", "300.00"));
    let vendor = stage.vendor("dataAxle").await;
    assert_eq!((&vendor["contactsDelivered"], &vendor["scansStarted"]), (&json!(1_000), &json!(0)));
}

#[tokio::test]
async fn the_search_reaches_4400_contacts_and_the_4401st_needs_a_scan() {
    let stage = Stage::with_credits("5000.00").await;
    let searched = stage.place("org_a", "k1", 4_400).await;
    stage.deliver().await;
    assert_eq!(stage.vendor("dataAxle").await["scansStarted"], 0);
    assert_eq!(stage.listed("org_a", &searched).await, 4_400);
    let scanned = stage.place("org_a", "k2", 4_401).await;
    stage.deliver().await;
    assert_eq!(stage.vendor("dataAxle").await["scansStarted"], 1);
    assert_eq!(stage.listed("org_a", &scanned).await, 4_401, "the last page holds more rows than it counts");
    // The vendor bills the whole last page: 23 pages of 200 for 4,401 contacts.
    assert_eq!(stage.month("org_a").await, figures(2, 8_801, "1350.00", "2640.30"));
}

#[tokio::test]
async fn fewer_matches_than_wanted_are_priced_by_what_matches() {
    let stage = Stage::with_credits("5000.00").await;
    let body = r#"{"filters":{"states":["ME"]},"maxContacts":100000,"audienceName":"Maine"}"#;
    let (_, counted) =
        read(&stage.count_of("org_a", r#"{"filters":{"states":["ME"]},"maxContacts":100000}"#).await);
    let matches = counted["count"].as_u64().expect("a count");
    assert!((1_000..4_400).contains(&matches), "{matches}");
    let (_, placed) = read(&stage.order("org_a", "k1", body).await);
    assert_eq!((&placed["requested"], &placed["held"]), (&counted["count"], &counted["quote"]["total"]));
    stage.deliver().await;
    let view = stage.status_of("org_a", placed["purchaseId"].as_str().expect("an id")).await;
    assert_eq!((&view["status"], &view["delivered"]), (&json!("completed"), &counted["count"]));
}

#[tokio::test]
async fn a_test_stage_buys_test_contacts_alone() {
    let mut stage = Stage::new().await;
    stage.restart_with(name::LIVE_ORDERS, "false");
    stage.buy_credits("org_a", "100.00").await;
    let live = order_of(100);
    let said = live.replace("\"maxContacts\"", "\"environment\":\"live\",\"maxContacts\"");
    for body in [&live, &said] {
        assert_problem(&stage.order("org_a", "k1", body).await, 409, "test_orders_only");
    }
    assert_eq!(stage.available("org_a").await, "100.00");
    let test = live.replace("\"maxContacts\"", "\"environment\":\"test\",\"maxContacts\"");
    assert_eq!(read(&stage.order("org_a", "k1", &test).await).0, 202);
}

#[tokio::test]
async fn test_100_contacts_in_test_mode_cost_nothing() {
    let stage = Stage::new().await;
    let body = order_of(100).replace("\"maxContacts\"", "\"environment\":\"test\",\"maxContacts\"");
    let (status, placed) = read(&stage.order("org_a", "k1", &body).await);
    assert_eq!((status, &placed["held"], &placed["environment"]), (202, &json!("0.00"), &json!("test")));
    stage.deliver().await;
    let id = placed["purchaseId"].as_str().expect("an id");
    let view = stage.status_of("org_a", id).await;
    assert_members!(view, {
        "status": "completed", "delivered": 100, "charged": "0.00", "environment": "test",
        "download": null});
    assert_eq!(stage.listed("org_a", id).await, 100);
    let larger = body.replace("100", "101");
    assert_problem(&stage.order("org_a", "k2", &larger).await, 400, "test_too_large");
    assert!(stage.world.dynamo.dump("ledger").is_empty(), "no entry, no hold, no roll-up");
    assert_eq!(stage.vendor("dataAxleTest").await["contactsDelivered"], 100);
    assert_eq!(stage.vendor("dataAxle").await["contactsDelivered"], 0);
    let again = stage.order("org_a", "k1", &body).await;
    assert_eq!(again.headers()["idempotency-hit"], "true");
    assert_eq!(read(&again), (202, placed));
}

#[tokio::test]
async fn a_message_that_comes_again_fetches_nothing_again() {
    let stage = Stage::with_credits("500.00").await;
    stage.place("org_a", "k1", 1_000).await;
    let message = stage.world.queues.take("fetch").remove(0);
    // Sixteen at once: one owns the purchase, the others meet its lease.
    let together = (0..16).map(|_| stage.deliver_message(message.clone(), PLENTY));
    for done in futures::future::join_all(together).await {
        done.expect("acknowledged");
    }
    stage.deliver_message(message, PLENTY).await.expect("acknowledged");
    assert_eq!(stage.vendor("dataAxle").await["contactsDelivered"], 1_000);
    assert_eq!(stage.month("org_a").await, figures(1, 1_000, "150.00", "300.00"));
}

#[tokio::test]
async fn with_little_time_left_a_worker_hands_over_and_the_scan_goes_on() {
    let (stage, id) = Stage::queued("1200.00", 6_000).await;
    let mut workers = 0;
    while stage.deliver_with(Duration::from_secs(44)).await > 0 {
        workers += 1;
        let progress = stage.status_of("org_a", &id).await;
        assert!(
            progress["delivered"].as_u64().expect("a count") <= workers * 200,
            "each worker took one step"
        );
    }
    assert!(workers > 30, "{workers}");
    assert_eq!(stage.listed("org_a", &id).await, 6_000);
    let vendor = stage.vendor("dataAxle").await;
    assert_eq!((&vendor["contactsDelivered"], &vendor["scansStarted"]), (&json!(6_000), &json!(1)));
    assert_eq!(stage.month("org_a").await, figures(1, 6_000, "720.00", "1200.00"));
}

#[tokio::test]
async fn the_owner_downloads_exactly_the_delivered_contacts_and_nobody_else_does() {
    let (stage, id) = Stage::queued("500.00", 250).await;
    stage.deliver().await;
    let link = stage.status_of("org_a", &id).await["download"].as_str().expect("a link").to_owned();
    assert!(link.contains("X-Amz-Expires=300") && link.contains("contacts.csv"), "{link}");
    let key = format!("contacts/org_a/{id}/contacts-001.csv");
    assert!(link.contains(&key), "{link}");
    let csv = stage.objects.get(&key).await.expect("a read").expect("a file");
    assert_eq!(String::from_utf8_lossy(&csv).lines().count(), 251);
    let (_, member) = read(&stage.status_as("org_a", "member", &id).await);
    assert_eq!((&member["status"], &member["download"]), (&json!("completed"), &Value::Null));
    assert_problem(&stage.status_as("org_b", "owner", &id).await, 404, "not_found");
    assert_problem(&stage.status_as("org_a", "owner", "pur_none").await, 404, "not_found");
}

#[tokio::test]
async fn a_zip_keeps_its_leading_zero_whatever_its_json_type() {
    let stage = Stage::with_credits("500.00").await;
    let order = order_of(50).replace("FL", "MA");
    stage.order("org_a", "k1", &order).await;
    stage.deliver().await;
    stage.deliver_zips_as_numbers().await;
    let (status, body) = read(&stage.order("org_a", "k2", &order).await);
    assert_eq!(status, 202, "{body}");
    stage.deliver().await;
    let id = body["purchaseId"].as_str().expect("an id");
    assert_eq!(stage.listed("org_a", id).await, 50);
    let page = stage.objects.get(&format!("contacts/org_a/{id}/page-00000-001.json")).await.expect("a read");
    let page: Vec<Value> = serde_json::from_slice(&page.expect("a page")).expect("JSON");
    let file = spreadsheet::open(&stage.downloaded("org_a", id).await);
    let stored = page.iter().map(|row| row["postalCode"].as_str().expect("a text"));
    let shown = file[1..].iter().map(|row| row[6].as_str());
    for zip in stored.chain(shown) {
        assert!(zip.len() == 5 && zip.starts_with("02"), "{zip}: Boston is 02108 and on");
    }
    // A request's number may have lost a zero already: it is refused, and the answer says how to write one.
    for filters in [json!({"zips": [2108]}), json!({"radius": {"zip": 2108, "miles": 5}})] {
        let body = json!({"filters": filters, "maxContacts": 10}).to_string();
        let refused = assert_problem(&stage.count_of("org_a", &body).await, 400, "invalid_filters");
        let detail = refused["detail"].as_str().expect("a sentence");
        assert!(detail.contains("expected a ZIP code in quotation marks, for example \"02108\""), "{detail}");
    }
}

#[tokio::test]
async fn contacts_open_in_a_spreadsheet() {
    let (stage, id) = Stage::queued("500.00", 20).await;
    stage.deliver().await;
    let file = stage.downloaded("org_a", &id).await;
    assert!(file.starts_with(b"\xEF\xBB\xBF"), "Windows takes it for UTF-8");
    let rows = spreadsheet::open(&file);
    assert_eq!((rows.len(), rows[0][0].as_str(), rows[0].len()), (21, "person_id", 7));
    assert!(rows.iter().all(|row| row.len() == 7));
}

#[tokio::test]
async fn no_contact_is_ever_in_dynamodb_nor_our_cost_in_an_answer() {
    let (stage, id) = Stage::queued("500.00", 250).await;
    stage.deliver().await;
    let csv = stage.objects.get(&format!("contacts/org_a/{id}/contacts-001.csv")).await.expect("a read");
    let csv = String::from_utf8(csv.expect("a file").to_vec()).expect("text");
    let stored = stage.stored();
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        assert!(!stored.contains(cells[0]) && !stored.contains(cells[3]), "{line}");
    }
    assert!(stored.contains("vendorUnitPrice"), "our cost is on the record");
    assert!(!stage.status_of("org_a", &id).await.to_string().contains("endor"));
}
