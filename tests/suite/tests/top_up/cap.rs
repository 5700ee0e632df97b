//! The monthly cap: hard, whatever runs at once.

use super::{charges_fail, customer, look, ready, reasons};
use billing::TopUpOutcome;
use money::Money;
use serde_json::Value;
use suite::shop::{Shop, money};
use terms::Month;

const HOUR: i64 = 3600;

/// The cents that Stripe took.
async fn taken(shop: &Shop) -> i64 {
    let charges = shop.charges().await;
    let paid = charges.iter().filter(|charge| charge["status"] == "succeeded");
    paid.map(|charge| charge["amount"].as_i64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_monthly_cap_holds_under_64_racers() {
    let shop = ready().await;
    shop.set_top_up("org_a", "50", "150", "444.44").await;
    let mut most = 0;
    for round in 0..8 {
        let before = shop.charges().await.len();
        let available = money(&shop.available("org_a").await).cents();
        let fifth = Money::from_cents((available / 5).max(1)).unwrap().to_string();
        // Half of the racers look while credits are spent, half behind it.
        let spending = async {
            for _ in 0..4 {
                shop.spend("org_a", &fifth).await;
            }
        };
        let racers = || futures::future::join_all((0..32).map(|_| async { look(&shop).await }));
        let (first, ()) = tokio::join!(racers(), spending);
        let second = racers().await;
        let answers: Vec<TopUpOutcome> = first.into_iter().chain(second).flatten().collect();
        assert!(answers.len() >= 32, "{round}: most are answered, {}", answers.len());
        // What a racer left behind is gone on with.
        while shop.auto_top_up("org_a").await.in_flight.is_some() {
            look(&shop).await.unwrap();
        }
        let charges = shop.charges().await;
        most = most.max(charges.len() - before);
        let sum = taken(&shop).await;
        assert!(sum <= 44_444, "{round}: {sum} cents are beyond the cap");
        let record = shop.auto_top_up("org_a").await;
        assert_eq!(record.charged.cents(), sum, "{round}: what is counted is what Stripe took");
        let mut orders: Vec<&Value> = charges.iter().map(|charge| &charge["metadata"]["order_id"]).collect();
        orders.sort_by_key(|order| order.as_str().map(str::to_owned));
        orders.dedup();
        assert_eq!(orders.len(), charges.len(), "{round}: no order is charged twice");
    }
    assert!(most <= 2, "one charge closes a gap: {most} in one round");
    assert!(44_444 - taken(&shop).await < 1_000, "the cap is used up");
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::CapReached);
    assert_eq!(reasons(&shop).await, ["cap-reached again"], "one alert, whoever saw it");
}

/// A shop whose clock stands in the last minute of a month.
async fn at_the_months_end() -> Shop {
    let shop = ready().await;
    shop.world.clock.set("2031-01-31T23:59:00Z");
    shop.set_top_up("org_a", "50", "500", "500").await;
    shop
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

#[tokio::test]
async fn the_last_charge_of_a_month_is_what_the_cap_leaves_and_never_less_than_10() {
    let shop = at_the_months_end().await;
    shop.spend("org_a", "90").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    shop.spend("org_a", "480").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_eq!(shop.charged().await, ["succeeded 49000", "succeeded 1000"]);
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::CapReached);
    shop.later(1);
    shop.set_top_up("org_a", "50", "500", "509.99").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::CapReached, "9.99 cannot be bought");
    shop.set_top_up("org_a", "50", "500", "510").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_eq!(shop.charged().await, ["succeeded 49000", "succeeded 1000", "succeeded 1000"]);
    shop.later(1);
    shop.set_top_up("org_a", "50", "500", "10").await;
    assert_eq!(
        look(&shop).await.unwrap(),
        TopUpOutcome::CapReached,
        "a cap below what was charged charges nothing"
    );
}

#[tokio::test]
async fn a_reached_cap_raises_one_alert_a_month_and_ends_with_it() {
    let shop = at_the_months_end().await;
    shop.spend("org_a", "60").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    shop.spend("org_a", "480").await;
    for _ in 0..4 {
        // 40.00 are left of the cap
        look(&shop).await.unwrap();
        shop.spend("org_a", "1").await;
    }
    shop.spend("org_a", "40").await;
    for _ in 0..3 {
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::CapReached);
        shop.recover().await.unwrap();
    }
    assert_eq!(reasons(&shop).await, ["cap-reached again"]);
    assert_eq!(shop.charged().await, ["succeeded 46000", "succeeded 4000"]);
    assert_eq!(shop.auto_top_up("org_a").await.next_check, Some(month("2031-02").start()));
    shop.world.clock.set("2031-02-01T00:00:00Z");
    shop.recover().await.unwrap();
    assert_eq!(shop.charges().await.len(), 3, "the next month has a cap of its own");
    assert_eq!(shop.available("org_a").await, "500.00");
    shop.spend("org_a", "490").await;
    look(&shop).await.unwrap();
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::CapReached);
    assert_eq!(reasons(&shop).await.len(), 2, "one more in the next month");
    assert!(taken(&shop).await <= 100_000);
}

#[tokio::test]
async fn a_charge_counts_in_the_month_in_which_it_was_begun() {
    let shop = at_the_months_end().await;
    shop.spend("org_a", "60").await;
    charges_fail(&shop, "drop-after-effect").await;
    assert!(look(&shop).await.is_err());
    shop.world.clock.set("2031-02-01T00:05:00Z");
    shop.recover().await.unwrap();
    let record = shop.auto_top_up("org_a").await;
    assert_eq!(
        (record.charged_in(month("2031-01")).to_string().as_str(), &record.in_flight),
        ("460.00", &None)
    );
    assert!(record.charged_in(month("2031-02")).is_zero());
    shop.spend("org_a", "460").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_eq!(shop.charged().await, ["succeeded 46000", "succeeded 46000"]);
}

#[tokio::test]
async fn a_charge_of_last_month_that_fails_takes_nothing_off_this_month() {
    let shop = at_the_months_end().await;
    shop.spend("org_a", "60").await;
    shop.cards_end(&customer(&shop).await, "declined").await;
    charges_fail(&shop, "drop-after-effect").await;
    assert!(look(&shop).await.is_err());
    shop.world.clock.set("2031-02-01T00:05:00Z");
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Failed);
    assert!(shop.auto_top_up("org_a").await.charged.is_zero());
    shop.later(HOUR);
    shop.cards_end(&customer(&shop).await, "succeeds").await;
    shop.recover().await.unwrap();
    let record = shop.auto_top_up("org_a").await;
    assert_eq!(record.charged_in(month("2031-02")).to_string(), "460.00");
    assert_eq!(taken(&shop).await, 46_000);
}

#[tokio::test]
async fn settings_saved_again_do_not_give_the_month_a_second_cap() {
    let shop = at_the_months_end().await;
    shop.spend("org_a", "60").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    shop.set_top_up("org_a", "50", "500", "500").await;
    shop.spend("org_a", "470").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    for _ in 0..5 {
        shop.later(1);
        shop.set_top_up("org_a", "50", "500", "500").await;
        shop.spend("org_a", "1").await;
        look(&shop).await.unwrap();
    }
    assert_eq!(taken(&shop).await, 50_000);
}
