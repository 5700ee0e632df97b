//! How a purchase ends when it cannot be completed: by its day, by a refusal, or before it began.

use crate::stage::{Stage, figures};
use serde_json::json;
use support::assert_members;

const DAY: i64 = 24 * 3_600;

#[tokio::test]
async fn at_its_deadline_what_is_stored_is_settled_and_the_rest_returns() {
    let (stage, id) = Stage::queued("500.00", 1_000).await;
    stage
        .fault(json!({"vendor": "data-axle", "kind": "status", "status": 503, "next": 1000, "skip": 1}))
        .await;
    stage.deliver().await;
    stage.world.clock.advance_seconds(DAY - 1);
    stage.sweep().await;
    stage.deliver().await;
    assert_eq!(stage.status_of("org_a", &id).await["status"], "fetching");
    stage.world.clock.advance_seconds(1);
    assert_eq!(stage.sweep().await, 1);
    let view = stage.status_of("org_a", &id).await;
    assert_members!(view, {"status": "partial", "delivered": 400, "charged": "120.00", "released": "180.00"});
    assert_eq!((stage.available("org_a").await, stage.held("org_a").await), ("380.00".into(), "0.00".into()));
    assert_eq!(stage.listed("org_a", &id).await, 400);
    assert_eq!(stage.month("org_a").await, figures(1, 400, "60.00", "120.00"));
    assert_eq!(stage.sweep().await, 0, "an ended purchase is not due");
}

#[tokio::test]
async fn failed_work_never_appears_as_a_charge() {
    let (stage, id) = Stage::queued("500.00", 1_000).await;
    stage.fault(json!({"vendor": "data-axle", "kind": "status", "status": 422, "next": 1})).await;
    stage.deliver().await;
    let view = stage.status_of("org_a", &id).await;
    assert_members!(view, {
        "status": "failed", "charged": "0.00", "released": "300.00", "recipientListId": null,
        "download": null});
    assert_eq!(stage.available("org_a").await, "500.00");
    assert_eq!(stage.month("org_a").await, None);
}

#[tokio::test]
async fn a_purchase_that_never_began_ends_with_its_hold_after_a_day() {
    let (stage, id, message) = Stage::placed("500.00", 1_000).await;
    stage.world.clock.advance_seconds(DAY - 1);
    assert_eq!(stage.sweep().await, 1);
    assert_eq!(stage.held("org_a").await, "300.00", "one second before its end it is queued again");
    assert_eq!(stage.world.queues.take("fetch").len(), 1);
    stage.world.clock.advance_seconds(300);
    assert_eq!(stage.sweep().await, 1);
    let view = stage.status_of("org_a", &id).await;
    assert_eq!((&view["status"], &view["released"]), (&json!("failed"), &json!("300.00")));
    assert_eq!(stage.available("org_a").await, "500.00");
    // A message that comes after the end buys nothing.
    stage.deliver_message(message, std::time::Duration::from_secs(300)).await.expect("acknowledged");
    assert_eq!(stage.vendor("dataAxle").await["contactsDelivered"], 0);
}

#[tokio::test]
async fn a_sweep_and_a_worker_at_once_end_a_purchase_once() {
    for _ in 0..8 {
        let (stage, id) = Stage::queued("500.00", 100).await;
        stage.world.clock.advance_seconds(DAY);
        let (_, _, _) = tokio::join!(stage.sweep(), stage.deliver(), stage.sweep());
        assert_eq!(stage.status_of("org_a", &id).await["status"], "failed");
        assert_eq!(
            (stage.available("org_a").await, stage.held("org_a").await),
            ("500.00".into(), "0.00".into())
        );
    }
}
