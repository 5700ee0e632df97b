//! From the movement that crosses the threshold over sweeper and queue to the worker.

use super::{assert_closed_once, low, ready, reasons};
use serde_json::json;
use suite::{
    movements::promotion,
    shop::{Shop, TOP_UP_QUEUE},
};

#[tokio::test]
async fn a_crossing_goes_over_sweeper_and_queue_to_one_charge() {
    let shop = low().await;
    assert_eq!(shop.sweep().await, json!({"done": 1, "failed": 0, "others": 0}));
    let messages = shop.world.queues.take(TOP_UP_QUEUE);
    assert_eq!(messages, [json!({"organizationId": "org_a"})]);
    assert!(shop.deliver_top_up(&messages[0]).await);
    assert_closed_once(&shop, "end to end").await;
    assert_eq!(
        shop.sweep().await,
        json!({"done": 2, "failed": 0, "others": 0}),
        "it rose again, and the owner gets an alert of the charge: nothing is bought"
    );
    assert_eq!((shop.work_off().await, shop.sweep().await["done"].clone()), (0, json!(0)));
    assert_closed_once(&shop, "and no more").await;
}

#[tokio::test]
async fn a_crossing_that_the_queue_does_not_take_stays_due_until_it_does() {
    let shop = low().await;
    for _ in 0..3 {
        shop.world.queues.fail_next(support::ATTEMPTS);
        assert_eq!(shop.sweep().await, json!({"done": 0, "failed": 1, "others": 0}));
        shop.later(60);
    }
    assert_eq!(shop.work_off().await, 0);
    assert_eq!(shop.sweep().await["done"], 1);
    assert_eq!(shop.work_off().await, 1);
    assert_closed_once(&shop, "after three failures").await;
}

#[tokio::test]
async fn a_message_that_gets_lost_is_made_good_by_recovery_after_a_quarter_of_an_hour() {
    let shop = low().await;
    shop.sweep().await;
    assert_eq!(shop.world.queues.take(TOP_UP_QUEUE).len(), 1, "and is never delivered");
    shop.later(899);
    shop.recover().await.unwrap();
    assert_eq!(shop.charges().await.len(), 1, "the settings were to be looked at anyway");
    shop.recover().await.unwrap();
    shop.spend("org_a", "480").await;
    shop.sweep().await;
    assert_eq!(shop.world.queues.take(TOP_UP_QUEUE).len(), 1);
    shop.recover().await.unwrap();
    shop.later(899);
    shop.recover().await.unwrap();
    let before = shop.charges().await.len();
    shop.later(1);
    shop.recover().await.unwrap();
    assert_eq!((before, shop.charges().await.len()), (1, 2));
    assert_eq!(shop.available("org_a").await, "500.00");
}

#[tokio::test]
async fn two_sweepers_at_once_lead_to_one_charge() {
    for _ in 0..6 {
        let shop = low().await;
        tokio::join!(shop.sweep(), shop.sweep());
        assert!((1..=2).contains(&shop.work_off().await));
        assert_closed_once(&shop, "two sweepers").await;
    }
}

#[tokio::test]
async fn threshold_and_alert_level_at_one_balance_tell_and_buy() {
    let shop = ready().await;
    shop.set_levels("org_a", &["50", "20"]).await;
    shop.spend("org_a", "60").await;
    shop.sweep().await;
    shop.later(1);
    assert_eq!(shop.work_off().await, 1);
    shop.sweep().await;
    let titles: Vec<String> = shop.alerts_of("org_a").await.iter().map(alerts::Alert::title).collect();
    let charged = "Your saved card was charged $460.00";
    assert_eq!(titles, ["Your credits fell below 50.00", "Your credits are at 50.00 again", charged]);
    assert_eq!(shop.charged().await, ["succeeded 46000"]);
}

#[tokio::test]
async fn what_was_set_below_the_threshold_is_bought_for_at_once() {
    let shop = Shop::new().await;
    shop.bought("org_a", "10").await;
    shop.set_top_up("org_a", "50", "500", "1000").await;
    shop.sweep().await;
    assert_eq!(shop.work_off().await, 1);
    assert_eq!(shop.charged().await, ["succeeded 49000"]);
    assert_eq!(shop.available("org_a").await, "500.00");
}

#[tokio::test]
async fn credits_that_end_cross_the_threshold_like_credits_that_are_spent() {
    let shop = ready().await;
    shop.spend("org_a", "60").await;
    let ends_at = shop.world.clock.now().plus_seconds(86_400);
    let free = promotion(&shop.org("org_a"), "promotion", "30", &ends_at.to_string());
    shop.world.post(&free).await.unwrap().unwrap();
    shop.sweep().await;
    let _ = shop.world.queues.take(TOP_UP_QUEUE);
    shop.recover().await.unwrap();
    assert!(shop.charges().await.is_empty(), "70.00 are available again");
    shop.later(86_400);
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.work_off().await, 1);
    assert_eq!(shop.charged().await, ["succeeded 46000"]);
    assert_eq!(shop.available("org_a").await, "500.00");
    assert!(reasons(&shop).await.is_empty());
}
