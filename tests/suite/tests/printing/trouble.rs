//! Trouble at the vendor: of one piece, and of everything.

use crate::world::begun;
use serde_json::json;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

#[tokio::test]
async fn an_error_after_the_effect_is_looked_up_and_not_sent_again() {
    let (shop, campaign) = begun(10).await;
    shop.fault(json!({"next": 1, "kind": "status-after-effect", "status": 503}));
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "printing 0 0 0 0");
    assert_eq!(shop.printed(), (10, 10, 1));
    shop.later(14 * MINUTE).await;
    assert_eq!(shop.progress(&campaign).await.0, "printing 0 0 0 0");
    shop.later(MINUTE).await;
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "10.00 10.00 0.00".into()));
    assert_eq!(shop.printed(), (10, 10, 1));
}

#[tokio::test]
async fn a_piece_that_fails_five_times_fails_and_is_not_charged() {
    let (shop, campaign) = begun(10).await;
    let error = || shop.fault(json!({"next": 1, "kind": "status", "status": 503, "method": "POST"}));
    error();
    shop.drain().await;
    for _ in 0..4 {
        error();
        shop.later(16 * MINUTE).await;
        assert_eq!(shop.progress(&campaign).await.0, "printing 0 0 0 0");
    }
    shop.later(16 * MINUTE).await;
    assert_eq!(shop.progress(&campaign).await, ("partial 9 1 0 0".into(), "10.00 9.00 1.00".into()));
}

#[tokio::test]
async fn a_piece_without_an_answer_for_20_hours_stays_unknown_and_is_not_charged() {
    let (shop, campaign) = begun(10).await;
    shop.fault(json!({"next": 1, "kind": "drop", "method": "POST"}));
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "printing 0 0 0 0");
    shop.later(20 * HOUR).await;
    assert_eq!(shop.progress(&campaign).await, ("partial 9 0 0 1".into(), "10.00 9.00 1.00".into()));
    assert_eq!(shop.printed().0, 9);
}

#[tokio::test]
async fn an_outage_pauses_the_job_and_its_end_resumes_it() {
    let (shop, campaign) = begun(60).await;
    shop.fault(json!({"next": 1_000_000, "kind": "status", "status": 503}));
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "paused 0 0 0 0");
    // The first batch ran into it; the others did not even try.
    assert!(shop.printed().1 == 0);
    shop.later(2 * MINUTE).await;
    assert_eq!(shop.progress(&campaign).await.0, "paused 0 0 0 0");
    shop.no_faults();
    shop.later(HOUR).await;
    shop.later(HOUR).await;
    assert_eq!(shop.progress(&campaign).await, ("completed 60 0 0 0".into(), "60.00 60.00 0.00".into()));
    assert_eq!(shop.printed().2, 1);
}

#[tokio::test]
async fn a_vendor_outage_leaves_no_open_hold() {
    let (shop, campaign) = begun(60).await;
    shop.fault(json!({"next": 1_000_000, "kind": "status", "status": 401}));
    shop.drain().await;
    for _ in 0..75 {
        shop.later(HOUR).await;
    }
    assert_eq!(shop.progress(&campaign).await, ("failed 0 0 60 0".into(), "60.00 0.00 60.00".into()));
    assert_eq!(shop.world.available(&shop.org).await, "100.00");
    // No piece of it was attempted: the campaign may be printed again.
    shop.no_faults();
    shop.order(&campaign, recipients::Mode::Live, "again").await.unwrap();
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 60 0 0 0");
}

#[tokio::test]
async fn an_outage_in_the_middle_ends_as_partial_after_72_hours() {
    let (shop, campaign) = begun(60).await;
    shop.fault(json!({"next": 1_000_000, "skip": 30, "kind": "status", "status": 503}));
    shop.drain().await;
    for _ in 0..100 {
        shop.later(HOUR).await;
    }
    let job = shop.status(&campaign).await;
    assert_eq!((job.status, job.accepted), ("partial", 30));
    assert_eq!(job.accepted + job.failed + job.not_sent + job.unknown, 60);
    assert_eq!(job.charged.to_string(), "30.00");
    assert_eq!(shop.world.available(&shop.org).await, "70.00");
}
