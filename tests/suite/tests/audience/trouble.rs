//! The worker on bad days: crashes, lost answers, outages. Each ends in one settle and books that balance.

use crate::stage::{Stage, figures};
use serde_json::{Value, json};
use std::time::Duration;
use support::assert_members;

const PLENTY: Duration = Duration::from_secs(300);

#[tokio::test]
async fn a_page_that_was_stored_before_a_crash_is_not_bought_again() {
    let (stage, id, message) = Stage::placed("500.00", 1_000).await;
    // The lease and one page are recorded; the second page is stored and never recorded.
    stage.table_down_after(2);
    stage.deliver_message(message.clone(), PLENTY).await.expect_err("a crash");
    stage.world.dynamo.faults().clear();
    assert_eq!(stage.vendor("dataAxle").await["contactsDelivered"], 800);
    stage.deliver_message(message, PLENTY).await.expect("its lease is alive: acknowledged");
    assert_eq!(stage.status_of("org_a", &id).await["delivered"], 400);
    stage.world.clock.advance_seconds(361);
    assert_eq!(stage.sweep().await, 1);
    assert_eq!(stage.deliver().await, 1);
    assert_eq!(stage.status_of("org_a", &id).await["status"], "completed");
    assert_eq!(stage.vendor("dataAxle").await["contactsDelivered"], 1_000, "nothing was bought twice");
    assert_eq!(stage.listed("org_a", &id).await, 1_000);
    assert_eq!(stage.month("org_a").await, figures(1, 1_000, "150.00", "300.00"));
}

#[tokio::test]
async fn a_scan_whose_worker_crashed_starts_over_and_nobody_is_delivered_twice() {
    let (stage, id) = Stage::queued("1200.00", 6_000).await;
    // Lease, count of the start, scroll, one page; the second page is stored and never recorded.
    stage.table_down_after(4);
    let message = stage.world.queues.take("fetch").remove(0);
    stage.deliver_message(message, PLENTY).await.expect_err("a crash");
    stage.world.dynamo.faults().clear();
    stage.world.clock.advance_seconds(361);
    stage.sweep().await;
    stage.deliver().await;
    assert_eq!(stage.listed("org_a", &id).await, 6_000);
    assert_eq!(stage.vendor("dataAxle").await["scansStarted"], 2);
    // 400 of the first scan and the whole second one are billed; the customer pays for 6,000 persons.
    assert_eq!(stage.vendor("dataAxle").await["contactsDelivered"], 6_400);
    assert_eq!(stage.month("org_a").await, figures(1, 6_000, "768.00", "1200.00"));
}

#[tokio::test]
async fn a_lost_scan_answer_ends_that_scan() {
    let (stage, id) = Stage::queued("1200.00", 6_000).await;
    stage
        .fault(
            json!({"vendor": "data-axle", "kind": "drop-after-effect", "next": 1, "skip": 3, "method": "GET",
            "pathContains": "/scan/"}),
        )
        .await;
    stage.deliver().await;
    let paused = stage.status_of("org_a", &id).await;
    assert_eq!((&paused["status"], &paused["delivered"]), (&json!("fetching"), &json!(600)));
    stage.run_until_ended("org_a", &id).await;
    assert_eq!(stage.listed("org_a", &id).await, 6_000);
    let vendor = stage.vendor("dataAxle").await;
    assert_eq!((&vendor["scansStarted"], &vendor["contactsDelivered"]), (&json!(2), &json!(6_800)));
    // We know of 600 and 6,000; the 200 whose answer was lost are for the reconciliation.
    assert_eq!(stage.month("org_a").await, figures(1, 6_000, "792.00", "1200.00"));
}

#[tokio::test]
async fn the_third_lost_scan_settles_what_is_stored() {
    let (stage, id) = Stage::queued("1200.00", 6_000).await;
    for skip in [2, 4, 6] {
        let fault = json!({"vendor": "data-axle", "kind": "status", "status": 404, "next": 1, "skip": skip,
            "method": "GET", "pathContains": "/scan/"});
        stage.fault(fault).await;
    }
    // A scroll that is gone needs no pause: the next scan starts at once, up to the third.
    stage.deliver().await;
    let view = stage.status_of("org_a", &id).await;
    assert_eq!(view["status"], "partial", "{view}");
    assert_eq!(stage.vendor("dataAxle").await["scansStarted"], 3);
    assert_eq!(stage.listed("org_a", &id).await, 1_200);
    // Pages of the three scans: two, four and six, of which the last six hold everybody.
    assert_eq!(stage.month("org_a").await, figures(1, 1_200, "288.00", "240.00"));
    assert_eq!(stage.held("org_a").await, "0.00");
}

#[tokio::test]
async fn a_vendor_outage_pauses_the_purchase_and_leaves_no_open_hold() {
    for (status, contacts) in [(503, 1_000), (429, 1_000), (401, 1_000), (503, 6_000)] {
        let (stage, id) = Stage::queued("2000.00", contacts).await;
        stage
            .fault(json!({"vendor": "data-axle", "kind": "status", "status": status, "next": 4, "skip": 2}))
            .await;
        stage.deliver().await;
        assert_eq!(stage.status_of("org_a", &id).await["status"], "fetching", "{status}");
        let turns = stage.run_until_ended("org_a", &id).await;
        assert!(turns >= 3, "{turns}");
        let view = stage.status_of("org_a", &id).await;
        assert_members!(view, {"status": "completed", "delivered": contacts}, "{status}");
        assert_eq!(stage.held("org_a").await, "0.00");
    }
}

#[tokio::test]
async fn a_purchase_whose_message_was_lost_is_queued_again() {
    let stage = Stage::with_credits("500.00").await;
    stage.world.queues.fail_next(support::ATTEMPTS);
    let id = stage.place("org_a", "k1", 100).await;
    assert_eq!(stage.deliver().await, 0, "the message was lost, and 202 answered all the same");
    assert_eq!(stage.sweep().await, 0, "not due yet");
    stage.world.clock.advance_seconds(60);
    assert_eq!(stage.sweep().await, 1);
    assert_eq!(stage.sweep().await, 0, "queued once");
    assert_eq!(stage.deliver().await, 1);
    assert_eq!(stage.status_of("org_a", &id).await["status"], "completed");
}

#[tokio::test]
async fn a_vendor_that_cannot_count_sells_nothing() {
    let stage = Stage::with_credits("500.00").await;
    let before = stage.stored();
    stage.fault(json!({"vendor": "data-axle", "kind": "status", "status": 503, "next": 1})).await;
    let answer = stage.order("org_a", "k1", &crate::stage::order_of(10)).await;
    suite::gateway::assert_problem(&answer, 503, "unavailable");
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(stage.stored(), before);
    let unknown: Value = json!({"organizationId": "org_a", "purchaseId": "pur_none"});
    stage.deliver_message(unknown, PLENTY).await.expect("a message about nothing is done with");
}
