//! The walk over Stripe's events: nothing is skipped, and nothing that cannot be decided holds it up.

use super::{HOUR, reads_fail, recovered, undecided_due};
use serde_json::json;
use suite::{lines::Lines, shop::Shop};

const DAY: i64 = 24 * HOUR;

/// Two purchases and a subscription, no webhook of which ever came.
async fn unheard() -> Shop {
    let shop = Shop::new().await;
    for amount in ["50", "100"] {
        let session = shop.order("org_a", amount).await;
        shop.pay(&session, false).await;
    }
    shop.subscribe("cus_s", "org_a").await;
    shop
}

#[tokio::test]
async fn the_first_walk_takes_all_that_stripe_keeps_and_the_next_ones_what_came_since() {
    let shop = unheard().await;
    let run = recovered(&shop).await;
    assert_eq!(shop.available("org_a").await, "649.00");
    assert!(run["events"].as_u64().unwrap() >= 5, "{run}");
    shop.later(2 * HOUR);
    assert_eq!(
        recovered(&shop).await["events"],
        run["events"],
        "each walk begins a little before the last one"
    );
    shop.later(2 * HOUR);
    assert_eq!(recovered(&shop).await["events"], 0, "what lies behind is not walked again");
    shop.later(DAY);
    recovered(&shop).await;
    assert_eq!(shop.available("org_a").await, "649.00");
}

#[tokio::test]
async fn an_event_listed_a_little_late_is_still_found() {
    let shop = unheard().await;
    // Our clock is ahead of Stripe's, and the first walk has begun and ended before these happened.
    shop.later(600);
    recovered(&shop).await;
    let session = shop.order("org_b", "50").await;
    shop.pay(&session, false).await;
    recovered(&shop).await;
    assert_eq!(shop.available("org_b").await, "50.00");
}

#[tokio::test]
async fn an_event_that_cannot_be_decided_now_is_stored_the_cursor_moves_on_and_it_is_decided_later() {
    for kind in ["status", "drop"] {
        let shop = unheard().await;
        let (alarms, _listening) = Lines::listen();
        reads_fail(&shop, kind, "/v1/invoices", 1).await;
        let run = shop.recover().await.unwrap();
        assert_eq!((&run["kept"], &run["walked"]), (&json!(1), &json!(true)), "{kind}: {run}");
        assert_eq!(alarms.take_alarms(), ["recovery-incomplete"]);
        assert_eq!((shop.available("org_a").await.as_str(), undecided_due(&shop)), ("150.00", 1), "{kind}");
        shop.events().await;
        shop.later(599);
        assert_eq!(shop.recover().await.unwrap()["looked"], 0, "{kind}: not before its time");
        shop.later(1);
        recovered(&shop).await;
        assert_eq!((shop.available("org_a").await.as_str(), undecided_due(&shop)), ("649.00", 0), "{kind}");
    }
}

#[tokio::test]
async fn a_stored_event_is_read_by_its_id_after_the_walk_has_left_it_far_behind() {
    let shop = unheard().await;
    reads_fail(&shop, "drop", "/v1/invoices", 1).await;
    shop.recover().await.unwrap();
    assert_eq!(undecided_due(&shop), 1);
    // For days Stripe answers nothing about invoices.
    for _ in 0..5 {
        shop.later(DAY);
        reads_fail(&shop, "drop", "/v1/invoices", 10).await;
        let run = shop.recover().await.unwrap();
        assert!(run["walked"] == true && run["failed"].as_u64() >= Some(1), "{run}");
        shop.no_faults().await;
        assert_eq!(undecided_due(&shop), 1, "it is stored, once");
    }
    shop.later(DAY);
    recovered(&shop).await;
    assert_eq!((shop.available("org_a").await.as_str(), undecided_due(&shop)), ("649.00", 0));
}

#[tokio::test]
async fn a_stored_event_that_stripe_no_longer_has_raises_an_alarm_and_is_done_with() {
    let shop = unheard().await;
    reads_fail(&shop, "drop", "/v1/invoices", 1).await;
    shop.recover().await.unwrap();
    shop.events_are_forgotten().await;
    shop.later(31 * DAY);
    let (alarms, _listening) = Lines::listen();
    shop.recover().await.unwrap();
    assert!(alarms.take_alarms().contains(&"events-lost".to_owned()));
    assert_eq!(undecided_due(&shop), 0);
    shop.later(DAY);
    let _ = shop.recover().await.unwrap();
    assert_eq!(shop.available("org_a").await, "649.00", "its subscription was read again by its id");
}

#[tokio::test]
async fn events_older_than_stripe_keeps_raise_an_alarm_and_what_is_open_is_read_by_id() {
    let shop = Shop::new().await;
    recovered(&shop).await;
    let session = shop.order("org_a", "50").await;
    shop.pay(&session, false).await;
    shop.events_are_forgotten().await;
    shop.later(31 * DAY);
    let (alarms, _listening) = Lines::listen();
    recovered(&shop).await;
    assert_eq!(alarms.take_alarms(), ["events-lost"]);
    assert_eq!(shop.available("org_a").await, "50.00");
    shop.later(HOUR);
    recovered(&shop).await;
    assert!(alarms.take_alarms().is_empty(), "once they are behind, they are behind");
}

#[tokio::test]
async fn within_30_days_nothing_is_lost_and_no_alarm_is_raised() {
    let shop = Shop::new().await;
    recovered(&shop).await;
    shop.later(29 * DAY);
    let (alarms, _listening) = Lines::listen();
    recovered(&shop).await;
    assert!(alarms.take_alarms().is_empty());
}

#[tokio::test]
async fn while_stripe_lists_no_events_the_run_fails_and_the_next_one_begins_where_it_did() {
    for kind in ["status", "drop"] {
        let shop = unheard().await;
        reads_fail(&shop, kind, "/v1/events", 1).await;
        assert!(shop.recover().await.is_err(), "{kind}");
        recovered(&shop).await;
        assert_eq!(shop.available("org_a").await, "649.00", "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runs_and_the_webhooks_at_once_decide_everything_once() {
    for _ in 0..4 {
        let shop = unheard().await;
        let (first, second, ()) = tokio::join!(shop.recover(), shop.recover(), shop.deliver_all());
        first.unwrap();
        second.unwrap();
        shop.later(601);
        recovered(&shop).await;
        assert_eq!(shop.available("org_a").await, "649.00");
    }
}
