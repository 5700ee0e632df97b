//! What an attacker found in printing, under the names of what holds now.

use crate::world::{PrintWorld, begun, ordered};
use printing::{Pace, PrintRefusal, Vendors, limits};
use recipients::Mode;
use support::Fault;

const HOUR: i64 = 3_600;

#[tokio::test]
async fn no_outage_of_ours_uses_up_a_batchs_receives() {
    let (shop, campaign) = begun(10).await;
    let message = shop.messages().remove(0);
    for _ in 0..12 {
        for _ in 0..8 {
            shop.world.dynamo.faults().next("GetItem", Fault::FailsBefore);
        }
        shop.put_off(&message).await;
        shop.world.dynamo.faults().clear();
    }
    // Without a queue either, the message itself must come again.
    for _ in 0..8 {
        shop.world.dynamo.faults().next("GetItem", Fault::FailsBefore);
    }
    shop.world.queues.fail_next(support::ATTEMPTS);
    assert!(shop.work(&message).await.is_err());
    shop.world.dynamo.faults().clear();
    shop.work(&message).await.unwrap();
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "10.00 10.00 0.00".into()));
}

#[tokio::test]
async fn a_live_job_under_the_test_key_charges_nothing_and_waits() {
    let (shop, campaign) = begun(10).await;
    let message = shop.messages().remove(0);
    // The test key stands where the live key should.
    let mixed_up = Vendors {
        live: shop.vendors.test.clone(),
        test: shop.vendors.test.clone(),
        pace: Pace::share(5_000, 1),
    };
    let deadline = platform::Deadline::after(std::time::Duration::from_secs(300));
    shop.printing.work(&mixed_up, &message, deadline).await.unwrap();
    let job = shop.status(&campaign).await;
    assert_eq!((job.status, job.accepted, shop.printed().0), ("paused", 0, 0));
    shop.later(HOUR).await;
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "10.00 10.00 0.00".into()));
    assert_eq!(shop.printed().0, 10);
}

#[tokio::test]
async fn a_test_job_is_small_and_does_not_hide_the_live_one() {
    let shop = PrintWorld::with_credits("200.00").await;
    let most = shop.campaign(limits::TEST_PIECES_MAX).await;
    shop.order(&most, Mode::Test, "k1").await.unwrap();
    shop.order(&most, Mode::Live, "k2").await.unwrap();
    shop.drain().await;
    assert_eq!(shop.status(&most).await.environment, Mode::Live);
    for environment in [Mode::Live, Mode::Test] {
        let job = shop.printing.status(&shop.org, &most, Some(environment)).await.unwrap();
        assert_eq!(job.map(|job| job.environment), Some(environment));
    }
    let more = shop.campaign(limits::TEST_PIECES_MAX + 1).await;
    let refused = shop.order(&more, Mode::Test, "k3").await;
    assert_eq!(refused.unwrap_err(), PrintRefusal::TestTooLarge(101));
}

#[tokio::test]
async fn a_campaign_that_was_mailed_is_not_mailed_again() {
    let (shop, campaign) = begun(10).await;
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 10 0 0 0");
    let again = shop.order(&campaign, Mode::Live, "another key").await;
    assert!(matches!(again, Err(PrintRefusal::JobExists(_))), "{again:?}");
    assert_eq!(shop.world.available(&shop.org).await, "90.00");
}

#[tokio::test]
async fn a_batch_that_stands_is_not_written_over() {
    let (shop, campaign) = ordered(10).await;
    let plan = serde_json::from_value(shop.world.queues.take("plan").remove(0)).unwrap();
    // The first planner dies when its batches stand, the second one plans anew.
    for further in 2..12 {
        shop.world.dynamo.faults().after("PutItem", further, Fault::FailsBefore);
    }
    assert!(shop.printing.plan(&plan).await.is_err());
    shop.world.dynamo.faults().clear();
    let batch = || {
        let items = shop.world.dynamo.dump("work");
        items.into_iter().find(|item| item["kind"]["S"] == "print-batch").map(|item| item["writeId"].clone())
    };
    let first = batch();
    assert!(first.is_some());
    shop.world.clock.advance_seconds(HOUR);
    shop.printing.plan(&plan).await.unwrap();
    assert_eq!(batch(), first);
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 10 0 0 0");
}
