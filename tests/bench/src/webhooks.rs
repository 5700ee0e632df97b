//! 50 webhooks of 50 organizations at once: the handlers' own time. And what one purchase of credits costs.

use crate::{
    Cost, Figure, milliseconds,
    money_in::MoneyIn,
    own_time::{middle_and_largest, own_time},
    ratio,
};
use futures::future::join_all;
use rust_decimal::Decimal;
use std::time::Duration;
use support::World;

const GROUP: &str = "50 webhooks of 50 organizations at once";

/// Organizations that pay at the same moment.
const PAYERS: u32 = 50;

/// What the handler itself may take, wall time less outside calls and back-off.
const OWN_MS_MAX: u32 = 100;

/// What buying credits once costs, the order and everything that Stripe tells of it.
#[derive(Debug, Clone, Copy)]
pub struct Purchase {
    pub cost: Cost,
    pub webhooks: u64,
}

pub async fn measure() -> Vec<Figure> {
    let shop = MoneyIn::of(World::new());
    for at in 0..=PAYERS {
        shop.order_and_pay(&format!("org_payer{at:02}")).await;
    }
    let events = shop.events();
    let mut completed = events.iter().filter(|event| event["type"] == "checkout.session.completed");
    let warm_up = completed.next().expect("an event of the first payer");
    shop.deliver(&shop.delivery(warm_up)).await;
    let calls: Vec<_> = completed.map(|event| shop.delivery(event)).collect();
    assert_eq!(calls.len(), 50);
    let meter = shop.world.dynamo.meter();
    let inside = meter.inside();
    meter.start();
    let times = join_all(calls.iter().map(|call| own_time(shop.deliver(call), meter))).await;
    let cost = Cost::of(&meter.stop());
    let database = meter.inside().saturating_sub(inside);
    let times: Vec<Duration> = times.into_iter().map(|((), own)| own).collect();
    let all: Duration = times.iter().sum();
    let (middle, largest) = middle_and_largest(times);
    vec![
        Figure::new(GROUP, "own time of one webhook, median", milliseconds(middle), "ms"),
        Figure::new(GROUP, "own time of one webhook, p99", milliseconds(largest), "ms")
            .at_most(Decimal::from(OWN_MS_MAX))
            .noted("of 50 it is the largest"),
        Figure::new(GROUP, "own time of all 50", milliseconds(all), "ms")
            .noted(format!("beside it {} ms inside the database", milliseconds(database).round_dp(1))),
        Figure::new(GROUP, "requests per webhook", ratio(cost.reads + cost.writes, PAYERS), "requests")
            .noted("reference, order, cause, account; one transaction"),
        Figure::new(GROUP, "write units per webhook", ratio(cost.write_units, PAYERS), "WCU")
            .noted("the movement with both references, cs_ and pi_"),
    ]
}

pub async fn purchase() -> Purchase {
    let shop = MoneyIn::of(World::new());
    shop.order_and_pay("org_payer").await;
    for event in shop.events() {
        shop.deliver(&shop.delivery(&event)).await;
    }
    let before = shop.events().len();
    shop.world.dynamo.meter().start();
    shop.order_and_pay("org_payer").await;
    let events = shop.events();
    let new_events = events.get(before..).unwrap_or_default();
    for event in new_events {
        shop.deliver(&shop.delivery(event)).await;
    }
    let cost = Cost::of(&shop.world.dynamo.meter().stop());
    Purchase { cost, webhooks: u64::try_from(new_events.len()).expect("a count") }
}
