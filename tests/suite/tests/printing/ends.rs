//! Jobs that never begin, and batches that their queue gave up.

use crate::world::{PDF, PrintWorld, begun, ordered, person_id};
use printing::{EndReason, NewArtwork};
use recipients::Mode;
use serde_json::json;
use std::time::Duration;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

#[tokio::test]
async fn a_job_that_never_begins_ends_after_72_hours_and_its_hold_with_it() {
    let (shop, campaign) = ordered(60).await;
    // Every message is lost.
    for turn in 0..145 {
        shop.world.clock.advance_seconds(30 * MINUTE);
        shop.look_at_what_is_due().await;
        assert!(turn > 0 || !shop.world.queues.take("plan").is_empty(), "it is queued again");
        let _ = shop.world.queues.take("plan");
        assert_eq!(shop.status(&campaign).await.status == "queued", turn < 143, "turn {turn}");
    }
    assert_eq!(shop.progress(&campaign).await, ("failed 0 0 60 0".into(), "60.00 0.00 60.00".into()));
    assert_eq!(shop.status(&campaign).await.reason, Some(EndReason::NotBegun));
    assert_eq!(shop.world.available(&shop.org).await, "100.00");
    shop.order(&campaign, Mode::Live, "again").await.unwrap();
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 60 0 0 0");
}

#[tokio::test]
async fn artwork_missing_in_a_large_job_is_found_by_the_planner_before_anything_begins() {
    let shop = PrintWorld::with_credits("2000.00").await;
    let campaign = shop.bare_campaign(1_001, NewArtwork::PdfPerRecipient).await;
    shop.upload(&campaign, &format!("{}.pdf", person_id(0)), PDF).await;
    shop.order(&campaign, Mode::Live, "k").await.unwrap();
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await, ("failed 0 0 1001 0".into(), "1001.00 0.00 1001.00".into()));
    assert_eq!(shop.status(&campaign).await.reason, Some(EndReason::ArtworkMissing));
    assert_eq!(shop.printed().1, 0);
}

#[tokio::test]
async fn a_dead_batch_sends_nothing_more_and_its_job_ends() {
    let (shop, campaign) = begun(50).await;
    let messages = shop.messages();
    shop.work(&messages[0]).await.unwrap();
    shop.printing.bury(&messages[1]).await.unwrap();
    shop.printing.bury(&messages[1]).await.unwrap();
    shop.work(&messages[1]).await.unwrap();
    assert_eq!(shop.progress(&campaign).await, ("partial 25 0 25 0".into(), "50.00 25.00 25.00".into()));
    assert_eq!(shop.printed(), (25, 25, 1));
}

#[tokio::test]
async fn the_pieces_in_doubt_of_a_dead_batch_are_looked_up() {
    let (shop, campaign) = begun(10).await;
    let message = &shop.messages()[0];
    shop.fault(json!({"next": 4, "kind": "delay", "delayMs": 60_000}));
    let died = tokio::time::timeout(Duration::from_millis(400), shop.work(message)).await;
    assert!(died.is_err());
    assert!(shop.printing.bury(message).await.is_err(), "a live lease is left alone");
    shop.world.clock.advance_seconds(361);
    shop.printing.bury(message).await.unwrap();
    shop.later(16 * MINUTE).await;
    assert_eq!(shop.progress(&campaign).await, ("partial 4 0 0 6".into(), "10.00 4.00 6.00".into()));
    assert_eq!(shop.printed(), (4, 4, 1));
}

#[tokio::test]
async fn a_batch_that_dies_twice_leaves_its_doubts_unknown() {
    let (shop, campaign) = begun(10).await;
    let message = &shop.messages()[0];
    shop.fault(json!({"next": 4, "kind": "delay", "delayMs": 60_000}));
    let died = tokio::time::timeout(Duration::from_millis(400), shop.work(message)).await;
    assert!(died.is_err());
    shop.world.clock.advance_seconds(HOUR);
    shop.printing.bury(message).await.unwrap();
    shop.world.clock.advance_seconds(HOUR);
    shop.printing.bury(message).await.unwrap();
    assert_eq!(shop.progress(&campaign).await, ("failed 0 0 0 10".into(), "10.00 0.00 10.00".into()));
}
