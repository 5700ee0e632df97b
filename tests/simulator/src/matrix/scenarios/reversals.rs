//! Refunds and disputes, and what recovery makes up for.

use super::{HOUR, Scenario, scenario};
use crate::calls::Endpoint;
use crate::matrix::stage::Act;
use crate::plan::Planned;
use serde_json::json;

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario!("stripe-webhook", "a refund", |stage| {
        stage.buy_credits("50").await;
        stage.refund(1_000, "succeeded");
        stage.event("refund.created")
    }),
    scenario!("stripe-webhook", "a refund of what is not granted yet", "Stripe", |stage| {
        stage.order_and_pay("50", false).await;
        stage.refund(1_000, "succeeded");
        stage.event("refund.created")
    }),
    scenario!("stripe-webhook", "a refund of an invoice", "INVOICE|PutItem REF", |stage| {
        stage.subscribe(true);
        stage.settle_down().await;
        stage.refund(1_000, "succeeded");
        stage.event("refund.created")
    }),
    scenario!("stripe-webhook", "a refund of an invoice that is not granted yet", "Stripe", |stage| {
        stage.subscribe(true);
        stage.refund(1_000, "succeeded");
        stage.event("refund.created")
    }),
    scenario!("stripe-webhook", "a refund that failed", |stage| {
        stage.buy_credits("50").await;
        let refund = stage.refund(1_000, "pending");
        stage.settle_down().await;
        stage.at_stripe(|stripe, now| stripe.settle_refund(now, &refund, "failed")).expect("it fails");
        stage.event("refund.failed")
    }),
    scenario!("stripe-webhook", "a refund that finance approved", |stage| {
        let request = stage.refund_request().await;
        let decision = stage.decision(&request, true);
        stage.die_at(&decision, "Stripe POST /v1/refunds", Planned::DiesAfter).await;
        stage.event("refund.created")
    }),
    scenario!("stripe-webhook", "a dispute", |stage| {
        stage.buy_credits("50").await;
        stage.dispute(5_000);
        stage.event("charge.dispute.created")
    }),
    scenario!("stripe-webhook", "a dispute that is won", "TransactWriteItems", |stage| {
        stage.buy_credits("50").await;
        let dispute = stage.dispute(2_000);
        stage.settle_down().await;
        stage.at_stripe(|stripe, now| stripe.close_dispute(now, &dispute, "won")).expect("it is won");
        stage.event("charge.dispute.closed")
    }),
    scenario!("refund-request", "a part of an order", |stage| {
        let order = stage.paid_order().await;
        let body = json!({"orderId": order, "amount": "20", "reason": "too many"}).to_string();
        Act::Ask(stage.asks(Endpoint::AskRefund, None, &body))
    }),
    scenario!("refund-decisions", "approved", |stage| {
        let request = stage.refund_request().await;
        stage.decision(&request, true)
    }),
    scenario!("refund-decisions", "approved while auto top-up is on", "AUTO-TOP-UP", |stage| {
        let request = stage.refund_request().await;
        stage.switch_on_top_up("500").await;
        stage.decision(&request, true)
    }),
    scenario!("refund-decisions", "declined", |stage| {
        let request = stage.refund_request().await;
        stage.decision(&request, false)
    }),
    scenario!("refund-decisions", "refused by Stripe", "TransactWriteItems", |stage| {
        let request = stage.refund_request().await;
        // of which no webhook has come
        stage.refund(4_000, "succeeded");
        stage.decision(&request, true)
    }),
    scenario!("recovery", "a paid session whose webhook is lost", |stage| {
        stage.order_and_pay("50", false).await;
        stage.lose_webhooks();
        Act::Recover
    }),
    scenario!("recovery", "a refund and a dispute whose webhook is lost", "TransactWriteItems", |stage| {
        stage.buy_credits("50").await;
        stage.refund(1_000, "succeeded");
        stage.dispute(1_500);
        stage.lose_webhooks();
        Act::Recover
    }),
    scenario!("recovery", "an order that is open", |stage| {
        stage.order("50").await;
        stage.lose_webhooks();
        stage.sim.advance(2 * HOUR).await;
        Act::Recover
    }),
    scenario!("recovery", "an order whose delayed payment failed", "Stripe|ALERT+ORDER", |stage| {
        let session = stage.order_and_pay("50", true).await;
        stage.settle_down().await;
        let failed = stage.at_stripe(|stripe, now| stripe.complete_delayed(now, &session, false));
        failed.expect("it fails");
        stage.lose_events();
        stage.sim.advance(2 * HOUR).await;
        Act::Recover
    }),
    scenario!("recovery", "an order whose page nobody heard of", "Stripe", |stage| {
        let ask = Act::Ask(stage.asks(Endpoint::BuyCredits, None, "{\"amount\":50}"));
        stage.die_at(&ask, "Stripe POST /v1/checkout/sessions", Planned::DiesAfter).await;
        let session = stage.latest("sessions");
        stage.at_stripe(|stripe, now| stripe.pay_session(now, &session, false)).expect("it is paid");
        stage.lose_events();
        stage.sim.advance(2 * HOUR).await;
        Act::Recover
    }),
    scenario!("recovery", "a refund under way and an open dispute", |stage| {
        stage.buy_credits("50").await;
        let refund = stage.refund(1_000, "pending");
        let dispute = stage.dispute(1_500);
        stage.settle_down().await;
        stage.at_stripe(|stripe, now| stripe.settle_refund(now, &refund, "succeeded")).expect("it arrives");
        stage.at_stripe(|stripe, now| stripe.close_dispute(now, &dispute, "won")).expect("it is won");
        stage.lose_events();
        stage.sim.advance(7 * HOUR).await;
        Act::Recover
    }),
    scenario!("recovery", "a refund of an invoice that is under way", "INVOICE", |stage| {
        stage.subscribe(true);
        stage.settle_down().await;
        stage.refund(1_000, "pending");
        stage.settle_down().await;
        stage.lose_events();
        stage.sim.advance(7 * HOUR).await;
        Act::Recover
    }),
    scenario!(
        "recovery",
        "a subscription",
        "Stripe|PROFILE|QUARANTINE|STANDING|SUBSCRIPTION|INVOICE",
        |stage| {
            let subscription = stage.subscribe(true);
            stage.settle_down().await;
            stage.cycle(&subscription, true);
            stage.lose_events();
            stage.sim.advance(25 * HOUR).await;
            Act::Recover
        }
    ),
    scenario!(
        "recovery",
        "an approved refund that a crash left",
        "Stripe|REFUND-REQUESTS|BatchGet",
        |stage| {
            let request = stage.refund_request().await;
            let decision = stage.decision(&request, true);
            stage.die_at(&decision, "Stripe POST /v1/refunds", Planned::DiesBefore).await;
            stage.sim.advance(HOUR).await;
            Act::Recover
        }
    ),
    scenario!("recovery", "an approved refund beyond its key's time", "Stripe", |stage| {
        let request = stage.refund_request().await;
        let decision = stage.decision(&request, true);
        stage.die_at(&decision, "Stripe POST /v1/refunds", Planned::DiesAfter).await;
        stage.lose_webhooks();
        stage.sim.advance(21 * HOUR).await;
        Act::Recover
    }),
    scenario!("recovery", "an event that could not be decided", "EVENT|events/", |stage| {
        stage.order_and_pay("50", false).await;
        stage.refund(1_000, "succeeded");
        stage.lose_webhooks();
        stage
            .meet_lastingly(&Act::Recover, "Stripe GET /v1/payment_intents/{id}", Planned::FailsBefore)
            .await;
        stage.sim.advance(HOUR).await;
        Act::Recover
    }),
];
