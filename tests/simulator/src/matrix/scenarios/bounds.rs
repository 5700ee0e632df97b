//! What is bounded or answered from what is stored: stored counts, quotes that ran out, full lists of open records.

use super::{MINUTE, Scenario, scenario};
use crate::calls::Endpoint;
use crate::matrix::stage::{Act, Stage};
use serde_json::json;

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario!("audience-count", "a count that is stored", |stage| {
        let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20}).to_string();
        stage.ask(Endpoint::Count, None, &body).await;
        Act::Ask(stage.looks(Endpoint::Count, None, &body))
    }),
    scenario!("audience-count", "a stored count that ran out", "COUNT", |stage| {
        let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20}).to_string();
        stage.ask(Endpoint::Count, None, &body).await;
        stage.sim.advance(11 * MINUTE).await;
        Act::Ask(stage.looks(Endpoint::Count, None, &body))
    }),
    scenario!("audience-count", "a vendor that asks to slow down", "DataAxle|QUOTA", |stage| {
        stage.sim.system.vendors.world().data_axle.limit_rate(Some((0, 10_000)));
        let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20}).to_string();
        Act::Ask(stage.looks(Endpoint::Count, None, &body))
    }),
    scenario!("audience-purchase", "an order with a quote that ran out", |stage| {
        stage.buy_credits("50").await;
        let mut body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20});
        let quote = stage.ask(Endpoint::Count, None, &body.to_string()).await;
        stage.sim.advance(31 * MINUTE).await;
        body["audienceName"] = json!("Neighbours");
        body["quoteId"] = quote["quote"]["quoteId"].clone();
        Act::Ask(stage.asks(Endpoint::Purchase, None, &body.to_string()))
    }),
    scenario!("audience-purchase", "as many test orders as may be are open", "PURCHASE|OPEN", |stage| {
        test_purchases(stage).await;
        test_purchase(stage)
    }),
    scenario!("audience-purchase", "a full list of test orders that have ended", "PURCHASE|OPEN", |stage| {
        test_purchases(stage).await;
        stage.settle_down().await;
        test_purchase(stage)
    }),
    scenario!("purchase-credits", "as many orders as may be are open", "ORDER|OPEN", |stage| {
        for _ in 0..billing::OPEN_ORDERS_MAX {
            stage.order("10").await;
        }
        Act::Ask(stage.asks(Endpoint::BuyCredits, None, "{\"amount\":50}"))
    }),
    scenario!("purchase-credits", "a full list of orders of which one is paid", "ORDER|OPEN", |stage| {
        for _ in 1..billing::OPEN_ORDERS_MAX {
            stage.order("10").await;
        }
        stage.buy_credits("10").await;
        Act::Ask(stage.asks(Endpoint::BuyCredits, None, "{\"amount\":50}"))
    }),
    scenario!("campaign-print", "as many test jobs as may be are open", "JOB|OPEN", |stage| {
        let next = test_jobs(stage).await;
        print_test(stage, next)
    }),
    scenario!("campaign-print", "a full list of test jobs that have ended", "JOB|OPEN", |stage| {
        let next = test_jobs(stage).await;
        stage.settle_down().await;
        print_test(stage, next)
    }),
];

fn test_purchase(stage: &mut Stage) -> Act {
    let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20, "audienceName": "Neighbours",
        "environment": "test"});
    Act::Ask(stage.asks(Endpoint::Purchase, None, &body.to_string()))
}

/// As many test orders of contacts as may be open.
async fn test_purchases(stage: &mut Stage) {
    for _ in 0..audience::limits::OPEN_TESTS_MAX {
        let order = test_purchase(stage);
        assert!(stage.perform(&order).await, "it is placed");
    }
}

fn print_test(stage: &mut Stage, campaign: String) -> Act {
    Act::Ask(stage.asks(Endpoint::Print, Some(campaign), "{\"environment\":\"test\"}"))
}

/// As many test jobs of postcards as may be open, each of a campaign of its own; a campaign that has none.
async fn test_jobs(stage: &mut Stage) -> String {
    let list = stage.list(3).await;
    let body = Stage::campaign_of(&list, "html");
    for _ in 0..printing::limits::OPEN_TESTS_MAX {
        let campaign = stage.ask(Endpoint::Campaign, None, &body).await;
        let print = print_test(stage, campaign["campaignId"].as_str().expect("an id").to_owned());
        assert!(stage.perform(&print).await, "it is placed");
    }
    let campaign = stage.ask(Endpoint::Campaign, None, &body).await;
    campaign["campaignId"].as_str().expect("an id").to_owned()
}
