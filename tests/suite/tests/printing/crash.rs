//! Deliveries that come twice, and workers that die.

use crate::world::{PrintWorld, begun};
use recipients::Mode;
use serde_json::json;
use std::time::Duration;

const MINUTE: i64 = 60;

#[tokio::test]
async fn a_batch_delivered_twice_at_once_prints_one_card_per_piece() {
    let (shop, campaign) = begun(25).await;
    let message = &shop.messages()[0];
    let deliveries = futures::future::join_all((0..8).map(|_| shop.work(message))).await;
    assert!(deliveries.iter().all(Result::is_ok));
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 25 0 0 0");
    assert_eq!(shop.printed(), (25, 25, 1));
}

#[tokio::test]
async fn a_worker_that_dies_after_calls_is_followed_by_look_ups_and_every_piece_is_printed_once() {
    let (shop, campaign) = begun(10).await;
    let message = &shop.messages()[0];
    shop.fault(json!({"next": 4, "kind": "delay", "delayMs": 60_000}));
    let died = tokio::time::timeout(Duration::from_millis(400), shop.work(message)).await;
    assert!(died.is_err(), "the worker died while it waited for answers");
    assert_eq!(shop.printed(), (4, 4, 1));
    // While the lease lives nobody else works; when it has ended, everything counts as in doubt.
    shop.work(message).await.unwrap();
    shop.later(361).await;
    assert_eq!(shop.printed().1, 4);
    assert_eq!(shop.progress(&campaign).await.0, "printing 0 0 0 0");
    shop.later(15 * MINUTE).await;
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "10.00 10.00 0.00".into()));
    // Four were found, six were sent.
    assert_eq!(shop.printed(), (10, 10, 1));
}

#[tokio::test]
async fn lost_messages_are_found_again_through_what_is_due() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.campaign(30).await;
    // The plan's message is never sent, and later the batches' are lost on their way.
    shop.world.queues.fail_next(support::ATTEMPTS);
    shop.order(&campaign, Mode::Live, "k").await.unwrap();
    assert!(shop.world.queues.take("plan").is_empty());
    shop.world.clock.advance_seconds(61);
    shop.look_at_what_is_due().await;
    shop.plan().await;
    assert_eq!(shop.messages().len(), 2);
    shop.later(61 * MINUTE).await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 30 0 0 0");
}
