//! Early fraud warnings, and events that Stripe renders in another version of its API.

use super::{HOUR, Scenario, scenario};
use crate::calls::Endpoint;
use crate::matrix::stage::{Act, Stage};
use serde_json::json;

const WARNED: &str = "radar.early_fraud_warning.created";

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario!("stripe-webhook", "an early fraud warning", |stage| {
        stage.buy_credits("50").await;
        stage.warn_of_fraud();
        stage.event(WARNED)
    }),
    scenario!(
        "stripe-webhook",
        "an early fraud warning beside auto top-up",
        "AUTO-TOP-UP|CROSSING",
        |stage| {
            stage.save_card("250").await;
            stage.switch_on_top_up("500").await;
            stage.warn_of_fraud();
            stage.event(WARNED)
        }
    ),
    scenario!("stripe-webhook", "an early fraud warning of an invoice", "INVOICE|QUARANTINE", |stage| {
        stage.subscribe(true);
        stage.settle_down().await;
        stage.warn_of_fraud();
        stage.event(WARNED)
    }),
    scenario!("stripe-webhook", "a refund of what a warning froze", "TransactWriteItems", |stage| {
        stage.buy_credits("50").await;
        stage.warn_of_fraud();
        stage.settle_down().await;
        stage.refund(1_000, "succeeded");
        stage.event("refund.created")
    }),
    scenario!("recovery", "an early fraud warning whose webhook is lost", |stage| {
        stage.buy_credits("50").await;
        stage.warn_of_fraud();
        stage.lose_webhooks();
        Act::Recover
    }),
    scenario!("quarantine", "an early fraud warning lifted", |stage| {
        stage.buy_credits("50").await;
        let warning = stage.warn_of_fraud();
        stage.settle_down().await;
        lift(stage, &warning)
    }),
    scenario!("quarantine", "one of two early fraud warnings lifted", "TransactWriteItems|ORDER", |stage| {
        stage.buy_credits("50").await;
        let warning = stage.warn_of_fraud();
        stage.warn_of_fraud();
        stage.settle_down().await;
        lift(stage, &warning)
    }),
    scenario!("stripe-webhook", "a paid session in another version", "Stripe|CAUSE", |stage| {
        stage.render_in_another_version();
        stage.order_and_pay("50", false).await;
        stage.event("checkout.session.completed")
    }),
    scenario!("stripe-webhook", "an invoice in another version", "Stripe|CAUSE|QUARANTINE", |stage| {
        stage.render_in_another_version();
        stage.subscribe(true);
        stage.event("invoice.paid")
    }),
    scenario!("stripe-webhook", "an invoice in another version that was granted", |stage| {
        stage.render_in_another_version();
        stage.subscribe(true);
        let paid = stage.event("invoice.paid");
        stage.settle_down().await;
        paid
    }),
    scenario!("stripe-webhook", "a refund in another version", "Stripe", |stage| {
        stage.render_in_another_version();
        stage.buy_credits("50").await;
        stage.refund(1_000, "succeeded");
        stage.event("refund.created")
    }),
    scenario!("stripe-webhook", "a dispute in another version", "Stripe", |stage| {
        stage.render_in_another_version();
        stage.buy_credits("50").await;
        stage.dispute(1_000);
        stage.event("charge.dispute.created")
    }),
    scenario!("stripe-webhook", "an early fraud warning in another version", "Stripe", |stage| {
        stage.render_in_another_version();
        stage.buy_credits("50").await;
        stage.warn_of_fraud();
        stage.event(WARNED)
    }),
    scenario!("stripe-webhook", "a top-up's charge in another version", "Stripe", |stage| {
        stage.render_in_another_version();
        stage.save_card("50").await;
        stage.card_behaves("processing");
        let charge = stage.run_low("500").await;
        assert!(stage.perform(&charge).await, "it is under way");
        stage.lose_messages();
        let payment = stage.latest("payment_intents");
        stage.at_stripe(|stripe, now| stripe.settle_intent(now, &payment, true)).expect("it arrives");
        stage.event("payment_intent.succeeded")
    }),
    scenario!("recovery", "events in another version", "Stripe|CAUSE", |stage| {
        stage.render_in_another_version();
        stage.order_and_pay("50", false).await;
        stage.subscribe(true);
        stage.lose_webhooks();
        stage.sim.advance(HOUR).await;
        Act::Recover
    }),
    scenario!("recovery", "reversals in another version", "Stripe", |stage| {
        stage.render_in_another_version();
        stage.buy_credits("50").await;
        stage.refund(1_000, "succeeded");
        stage.dispute(1_500);
        stage.lose_webhooks();
        Act::Recover
    }),
    scenario!("recovery", "an early fraud warning in another version", "Stripe", |stage| {
        stage.render_in_another_version();
        stage.buy_credits("50").await;
        stage.warn_of_fraud();
        stage.lose_webhooks();
        Act::Recover
    }),
];

/// Finance's word that a warning is none.
fn lift(stage: &mut Stage, warning: &str) -> Act {
    let body =
        json!({"object": warning, "quarantine": "early-fraud-warning", "reason": "the owner knows it"});
    Act::Ask(stage.finance(Endpoint::Resolve, None, &body))
}
