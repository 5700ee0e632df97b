//! Auto top-up, and what crossing a level of credits leads to.

use super::{DAY, HOUR, Scenario, scenario};
use crate::calls::Endpoint;
use crate::matrix::stage::{Act, Stage};
use crate::plan::Planned;

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario!("auto-top-up-settings", "switched on", |stage| {
        stage.save_card("50").await;
        let ask = stage.looks(Endpoint::SetTopUp, None, &Stage::top_up_body("500"));
        let cap = money::Money::parse("500").expect("an amount");
        stage.sim.checks.cap_asked(super::super::stage::ORGANIZATION, &stage.sim.core, cap);
        Act::Ask(ask)
    }),
    scenario!("credit-alerts", "levels set", |stage| {
        stage.buy_credits("50").await;
        Act::Ask(stage.looks(Endpoint::SetAlerts, None, "{\"levels\":[\"20\",\"100\"]}"))
    }),
    scenario!("sweeper", "credits that ran low", |stage| {
        stage.save_card("50").await;
        let levels = stage.looks(Endpoint::SetAlerts, None, "{\"levels\":[\"20\",\"100\"]}");
        assert!(stage.perform(&Act::Ask(levels)).await, "levels are set");
        stage.switch_on_top_up("500").await;
        Act::Sweep
    }),
    scenario!("sweeper", "an alert", |stage| {
        stage.buy_credits("50").await;
        stage.refund(1_000, "succeeded");
        let refund = stage.event("refund.created");
        assert!(stage.perform(&refund).await, "the refund is taken");
        Act::Sweep
    }),
    scenario!("sweeper", "free credits that end soon", |stage| {
        stage.subscribe(true);
        stage.settle_down().await;
        stage.sim.advance(3 * DAY).await;
        Act::Sweep
    }),
    scenario!("sweeper", "free credits that ended", |stage| {
        stage.subscribe(true);
        stage.settle_down().await;
        stage.sim.advance(3 * DAY).await;
        stage.sim.work_off().await;
        stage.sim.advance(7 * DAY).await;
        Act::Sweep
    }),
    scenario!("auto-top-up", "a charge", |stage| {
        stage.save_card("50").await;
        stage.run_low("500").await
    }),
    scenario!("auto-top-up", "a card that is declined", "AUTO-TOP-UP", |stage| {
        stage.save_card("50").await;
        stage.card_behaves("declined");
        stage.run_low("500").await
    }),
    scenario!("auto-top-up", "a bank that wants to see the owner", "Stripe", |stage| {
        stage.save_card("50").await;
        stage.card_behaves("authentication_required");
        stage.run_low("500").await
    }),
    scenario!("auto-top-up", "a charge under way", "Stripe", |stage| {
        stage.save_card("50").await;
        stage.card_behaves("processing");
        stage.run_low("500").await
    }),
    scenario!("auto-top-up", "no card", |stage| {
        stage.buy_credits("50").await;
        stage.run_low("500").await
    }),
    scenario!("auto-top-up", "a cap that leaves too little", |stage| {
        stage.save_card("50").await;
        let first = stage.run_low("80").await;
        assert!(stage.perform(&first).await, "80 of 250 are bought");
        first
    }),
    scenario!("auto-top-up", "a charge that a crash left", "Stripe|AUTO-TOP-UP", |stage| {
        stage.save_card("50").await;
        let charge = stage.run_low("500").await;
        stage.die_at(&charge, "Stripe POST /v1/payment_intents", Planned::DiesAfter).await;
        charge
    }),
    scenario!("stripe-webhook", "a top-up's charge that arrives", |stage| {
        let charge = charge_under_way(stage).await;
        stage.at_stripe(|stripe, now| stripe.settle_intent(now, &charge, true)).expect("it arrives");
        stage.event("payment_intent.succeeded")
    }),
    scenario!("stripe-webhook", "a top-up's charge that fails", |stage| {
        let charge = charge_under_way(stage).await;
        stage.at_stripe(|stripe, now| stripe.settle_intent(now, &charge, false)).expect("it fails");
        stage.event("payment_intent.payment_failed")
    }),
    scenario!("recovery", "a charge in flight", "AUTO-TOP-UP", |stage| {
        stage.save_card("50").await;
        let charge = stage.run_low("500").await;
        stage.die_at(&charge, "Stripe POST /v1/payment_intents", Planned::DiesAfter).await;
        stage.lose_messages();
        stage.lose_webhooks();
        stage.sim.advance(HOUR).await;
        Act::Recover
    }),
    scenario!("recovery", "a charge in flight beyond its key's time", "Stripe", |stage| {
        stage.save_card("50").await;
        let charge = stage.run_low("500").await;
        stage.die_at(&charge, "Stripe POST /v1/payment_intents", Planned::DiesAfter).await;
        stage.lose_messages();
        stage.lose_webhooks();
        stage.sim.advance(21 * HOUR).await;
        Act::Recover
    }),
];

/// A top-up's charge that Stripe has not decided; its payment.
async fn charge_under_way(stage: &mut Stage) -> String {
    stage.save_card("50").await;
    stage.card_behaves("processing");
    let charge = stage.run_low("500").await;
    assert!(stage.perform(&charge).await, "it is under way");
    stage.lose_messages();
    stage.latest("payment_intents")
}
