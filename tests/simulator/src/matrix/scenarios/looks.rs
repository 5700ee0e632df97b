//! What owners and finance look at.

use super::{Scenario, scenario};
use crate::calls::Endpoint;
use crate::matrix::stage::Act;
use serde_json::Value;

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario!("credits", "a balance", |stage| {
        stage.buy_credits("50").await;
        Act::Ask(stage.looks(Endpoint::Credits, None, ""))
    }),
    scenario!("credits", "a balance at a past time", |stage| {
        stage.buy_credits("50").await;
        stage.buy_credits("60").await;
        let at = stage.recorded_at(1).await.plus_ms(-1);
        Act::Ask(stage.looks(Endpoint::Credits, None, &format!("at={at}")))
    }),
    scenario!("credit-transactions", "a statement", |stage| {
        stage.buy_credits("50").await;
        Act::Ask(stage.looks(Endpoint::Transactions, None, "limit=20"))
    }),
    scenario!("credit-transactions", "a statement as a file", |stage| {
        stage.buy_credits("50").await;
        stage.buy_credits("60").await;
        let at = stage.recorded_at(1).await;
        Act::Ask(stage.looks(Endpoint::Statement, None, &format!("from={at}")))
    }),
    scenario!("credit-orders", "an order, an invoice and a refund", |stage| {
        stage.subscribe(true);
        stage.refund_request().await;
        Act::Ask(stage.looks(Endpoint::Orders, None, ""))
    }),
    scenario!("billing-portal", "the portal", |stage| {
        stage.buy_credits("50").await;
        Act::Ask(stage.looks(Endpoint::Portal, None, ""))
    }),
    scenario!("billing-portal", "a receipt", |stage| {
        let order = stage.paid_order().await;
        Act::Ask(stage.looks(Endpoint::Receipt, Some(order), ""))
    }),
    scenario!("auto-top-up-settings", "what is set", |stage| {
        stage.switch_on_top_up("500").await;
        Act::Ask(stage.looks(Endpoint::TopUp, None, ""))
    }),
    scenario!("credit-alerts", "the alerts", |stage| {
        stage.buy_credits("50").await;
        stage.refund(1_000, "succeeded");
        stage.settle_down().await;
        Act::Ask(stage.looks(Endpoint::Alerts, None, ""))
    }),
    scenario!("refund-decisions", "what is asked", |stage| {
        stage.refund_request().await;
        Act::Ask(stage.finance(Endpoint::Refunds, None, &Value::Null))
    }),
    scenario!("quarantine", "what is quarantined", |stage| {
        stage.subscribe(false);
        stage.settle_down().await;
        Act::Ask(stage.finance(Endpoint::Quarantine, None, &Value::Null))
    }),
];
