//! What a hostile reader tried: the same instant twice, workers that keep dying, leases that run out, a vendor
//! of very small pages, one that asks for a year.

use crate::stage::{Stage, figures};
use audience::{PageCount, Progress, Purchase, PurchaseState, purchase_key};
use serde_json::json;
use std::time::Duration;
use support::Fault;
use tables::Stored;
use terms::PurchaseId;

const PLENTY: Duration = Duration::from_secs(300);
const HOUR: i64 = 3_600;

/// Longer than the lease of a worker that had plenty of time.
const LEASE_OVER: i64 = 361;

async fn record(stage: &Stage, organization: &str, id: &str) -> Stored<Purchase> {
    let organization = stage.world.organization(organization);
    let key = purchase_key(&organization, &PurchaseId::parse(id).expect("an id"));
    stage.world.work.get::<Purchase>(&key).await.expect("a read").expect("a purchase")
}

async fn delivered_by_vendor(stage: &Stage) -> u64 {
    stage.vendor("dataAxle").await["contactsDelivered"].as_u64().expect("a count")
}

#[tokio::test]
async fn of_workers_at_the_same_instant_one_buys() {
    let (stage, id, message) = Stage::placed("500.00", 1_000).await;
    // The first one's lease is throttled and sent again; in between the second one reads and takes its own.
    stage.fault(json!({"vendor": "data-axle", "kind": "delay", "delayMs": 2_500, "next": 1})).await;
    stage.world.dynamo.faults().next("PutItem", Fault::Throttled);
    let (first, second) = tokio::join!(
        stage.deliver_message(message.clone(), PLENTY),
        stage.deliver_message(message.clone(), PLENTY),
    );
    first.and(second).expect("one works, one is done");
    assert_eq!(delivered_by_vendor(&stage).await, 1_000, "two workers bought the same contacts");
    assert_eq!(stage.listed("org_a", &id).await, 1_000);
    assert_eq!(stage.month("org_a").await, figures(1, 1_000, "150.00", "300.00"));
}

#[tokio::test]
async fn workers_that_keep_dying_with_an_answer_in_hand_buy_only_so_often() {
    let (stage, id, message) = Stage::placed("500.00", 1_000).await;
    stage.fault(json!({"vendor": "data-axle", "kind": "delay", "delayMs": 60_000, "next": 1_000})).await;
    for _ in 0..20 {
        let worker = stage.deliver_message(message.clone(), PLENTY);
        let _ = tokio::time::timeout(Duration::from_millis(150), worker).await;
        stage.world.clock.advance_seconds(LEASE_OVER);
    }
    let bought = delivered_by_vendor(&stage).await;
    assert!(bought <= 12 * 400, "{bought} contacts were bought for a purchase of 1,000");
    stage.clear_faults().await;
    stage.run_until_ended("org_a", &id).await;
    assert_eq!(stage.held("org_a").await, "0.00");
}

#[tokio::test]
async fn a_worker_whose_lease_ran_out_records_nothing_over_its_successor() {
    let (stage, id, message) = Stage::placed("500.00", 1_000).await;
    stage.fault(json!({"vendor": "data-axle", "kind": "delay", "delayMs": 700, "next": 1})).await;
    let slow = stage.deliver_message(message.clone(), PLENTY);
    let successor = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        stage.world.clock.advance_seconds(LEASE_OVER);
        stage.deliver_message(message.clone(), PLENTY).await
    };
    let (slow, successor) = tokio::join!(slow, successor);
    slow.and(successor).expect("both are done");
    assert_eq!(stage.listed("org_a", &id).await, 1_000);
    let charged = stage.status_of("org_a", &id).await["charged"].clone();
    assert_eq!(charged, "300.00");
}

#[tokio::test]
async fn a_vendor_of_very_small_pages_ends_a_purchase_that_its_list_can_still_name() {
    let (stage, id) = Stage::queued("2000.00", 5_000).await;
    let read = record(&stage, "org_a", &id).await;
    let mut pages = Vec::new();
    for number in 0..2_000_u32 {
        let person = json!([{"personId": format!("p{number}"), "firstName": "Ana", "lastName": "Ruiz",
            "addressLine1": "1 Main St", "city": "Tampa", "state": "FL", "postalCode": "33602"}]);
        let key = format!("contacts/org_a/{id}/page-{number:05}-001.json");
        stage.objects.put(&key, person.to_string(), "application/json").await.expect("a page");
        pages.push(PageCount { lease: 1, contacts: 1 });
    }
    let progress = Progress { pages, stored: 2_000, vendor_delivered: 2_000, ..Progress::default() };
    let purchase = Purchase {
        progress,
        state: PurchaseState {
            leases: 1,
            begun_at: Some(stage.world.clock.now()),
            ..PurchaseState::placed()
        },
        ..read.record.clone()
    };
    stage.world.work.replace(&read, &purchase).await.expect("a write");
    let worked = stage.deliver_message(stage.world.queues.take("fetch").remove(0), PLENTY).await;
    assert!(worked.is_ok(), "{worked:?}");
    assert_eq!(stage.status_of("org_a", &id).await["status"], "partial");
    assert_eq!(stage.listed("org_a", &id).await, 2_000);
}

#[tokio::test]
async fn a_vendor_that_asks_to_be_left_alone_for_a_year_holds_no_purchase_open() {
    let (stage, id) = Stage::queued("500.00", 1_000).await;
    let year = 365 * 24 * HOUR;
    let busy =
        json!({"vendor": "data-axle", "kind": "status", "status": 429, "retryAfter": year, "next": 1_000});
    stage.fault(busy).await;
    for _ in 0..26 {
        stage.deliver().await;
        stage.world.clock.advance_seconds(HOUR);
        stage.sweep().await;
    }
    let view = stage.status_of("org_a", &id).await;
    assert_eq!((&view["status"], &view["charged"]), (&json!("failed"), &json!("0.00")));
    assert_eq!(stage.available("org_a").await, "500.00");
}

#[tokio::test]
async fn messages_and_sweeps_after_the_end_move_nothing() {
    let (stage, id, message) = Stage::placed("500.00", 1_000).await;
    stage.deliver_message(message.clone(), PLENTY).await.expect("a worker");
    let before = stage.stored();
    stage.world.clock.advance_seconds(30 * HOUR);
    stage.deliver_message(message, PLENTY).await.expect("done with");
    let key = record(&stage, "org_a", &id).await.record;
    let key = purchase_key(&key.placed.organization_id, &key.placed.purchase_id);
    audience::sweep(&stage.audience, &key, stage.world.clock.now()).await.expect("nothing to do");
    assert_eq!(stage.stored(), before);
    assert_eq!(delivered_by_vendor(&stage).await, 1_000);
}

#[tokio::test]
async fn at_its_deadline_a_page_that_a_crash_left_unrecorded_is_delivered_and_costed() {
    let (stage, id, message) = Stage::placed("500.00", 1_000).await;
    stage.table_down_after(2);
    stage.deliver_message(message, PLENTY).await.expect_err("a crash");
    stage.world.dynamo.faults().clear();
    stage.world.clock.advance_seconds(25 * HOUR);
    stage.sweep().await;
    assert_eq!(stage.status_of("org_a", &id).await["status"], "partial");
    assert_eq!(delivered_by_vendor(&stage).await, 800);
    assert_eq!(stage.listed("org_a", &id).await, 800, "what is stored is delivered");
    assert_eq!(stage.month("org_a").await, figures(1, 800, "120.00", "240.00"));
}
