//! Deliveries that come twice, and workers that die.

use crate::world::PrintWorld;
use recipients::Mode;
use serde_json::json;
use std::time::Duration;
use support::Fault;

const MINUTE: i64 = 60;

#[tokio::test]
async fn a_batch_delivered_twice_at_once_prints_one_card_per_piece() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.begun(25).await;
    let message = &shop.messages()[0];
    let deliveries = futures::future::join_all((0..8).map(|_| shop.work(message))).await;
    assert!(deliveries.iter().all(Result::is_ok));
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 25 0 0 0");
    assert_eq!(shop.printed(), (25, 25, 1));
}

#[tokio::test]
async fn a_plan_delivered_twice_plans_once() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.campaign(30).await;
    shop.order(&campaign, Mode::Live, "k").await.unwrap();
    let message = serde_json::from_value(shop.world.queues.take("plan").remove(0)).unwrap();
    let (first, second) = tokio::join!(shop.printing.plan(&message), shop.printing.plan(&message));
    first.and(second).unwrap();
    shop.drain().await;
    shop.printing.plan(&message).await.unwrap();
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 30 0 0 0");
    assert_eq!(shop.printed(), (30, 30, 1));
}

#[tokio::test]
async fn a_worker_that_dies_between_intent_and_calls_leaves_no_card_and_no_charge_behind() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.begun(10).await;
    let message = &shop.messages()[0];
    // The lease is written and its answer lost for good: the worker stops before the first call.
    for _ in 0..8 {
        shop.world.dynamo.faults().next("PutItem", Fault::ServerErrorAfter);
    }
    shop.put_off(message).await;
    shop.world.dynamo.faults().clear();
    assert_eq!(shop.printed().1, 0);
    shop.later(16 * MINUTE).await;
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "10.00 10.00 0.00".into()));
    assert_eq!(shop.printed(), (10, 10, 1));
}

#[tokio::test]
async fn a_worker_that_dies_after_calls_is_followed_by_look_ups_and_every_piece_is_printed_once() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.begun(10).await;
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
async fn a_crash_before_the_settle_is_healed_by_the_sweeper() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.begun(10).await;
    let message = &shop.messages()[0];
    // The result is the first transaction, the settle the second.
    for skipped in 1..30 {
        shop.world.dynamo.faults().after("TransactWriteItems", skipped, Fault::FailsBefore);
    }
    shop.put_off(message).await;
    shop.world.dynamo.faults().clear();
    assert_eq!(shop.progress(&campaign).await, ("printing 10 0 0 0".into(), "10.00 0.00 0.00".into()));
    shop.later(60 * MINUTE).await;
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "10.00 10.00 0.00".into()));
}

#[tokio::test]
async fn a_redelivered_batch_settles_what_a_crash_left() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.begun(10).await;
    let message = &shop.messages()[0];
    for skipped in 1..30 {
        shop.world.dynamo.faults().after("TransactWriteItems", skipped, Fault::FailsBefore);
    }
    shop.put_off(message).await;
    shop.world.dynamo.faults().clear();
    let twice = futures::future::join_all((0..4).map(|_| shop.work(message))).await;
    assert!(twice.iter().all(Result::is_ok));
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "10.00 10.00 0.00".into()));
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

#[tokio::test]
async fn a_result_whose_answer_is_lost_is_counted_once() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.begun(50).await;
    shop.world.dynamo.faults().next("TransactWriteItems", Fault::FailsAfter);
    shop.drain().await;
    shop.later(61 * MINUTE).await;
    assert_eq!(shop.progress(&campaign).await, ("completed 50 0 0 0".into(), "50.00 50.00 0.00".into()));
}

#[tokio::test]
async fn a_worker_short_of_time_hands_over_without_losing_an_outcome() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.begun(10).await;
    let message = &shop.messages()[0];
    let short = platform::Deadline::after(Duration::from_secs(5));
    shop.printing.work(&shop.vendors, message, short).await.unwrap();
    assert_eq!(shop.printed().1, 0);
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 10 0 0 0");
}
