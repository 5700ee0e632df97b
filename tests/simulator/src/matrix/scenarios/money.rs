//! Credits bought, granted with a subscription, corrected and imported.

use super::{DAY, Scenario, scenario};
use crate::calls::{Ask, Endpoint};
use crate::matrix::stage::{Act, ORGANIZATION, Stage};
use crate::matrix::stage_money::CUSTOMER;
use crate::plan::Planned;
use serde_json::{Value, json};

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario!("purchase-credits", "a new customer", |stage| {
        Act::Ask(stage.asks(Endpoint::BuyCredits, None, "{\"amount\":50}"))
    }),
    scenario!("purchase-credits", "a known customer", |stage| {
        stage.buy_credits("50").await;
        Act::Ask(stage.asks(Endpoint::BuyCredits, None, "{\"amount\":100}"))
    }),
    scenario!("stripe-webhook", "a paid session", |stage| {
        stage.order_and_pay("50", false).await;
        stage.event("checkout.session.completed")
    }),
    scenario!("stripe-webhook", "a session paid later", |stage| {
        stage.order_and_pay("50", true).await;
        stage.event("checkout.session.completed")
    }),
    scenario!("stripe-webhook", "a delayed payment that arrives", |stage| {
        let session = stage.order_and_pay("50", true).await;
        stage.settle_down().await;
        let now = stage.sim.core.vendor_ms();
        let ended = stage.sim.system.vendors.world().stripe.complete_delayed(now, &session, true);
        ended.expect("a delayed payment");
        stage.event("checkout.session.async_payment_succeeded")
    }),
    scenario!("stripe-webhook", "a delayed payment that fails", |stage| {
        let session = stage.order_and_pay("50", true).await;
        stage.settle_down().await;
        let now = stage.sim.core.vendor_ms();
        let ended = stage.sim.system.vendors.world().stripe.complete_delayed(now, &session, false);
        ended.expect("a delayed payment");
        stage.event("checkout.session.async_payment_failed")
    }),
    scenario!("stripe-webhook", "a session that expires", |stage| {
        let session = stage.order("50").await;
        let now = stage.sim.core.vendor_ms();
        let expired = stage.sim.system.vendors.world().stripe.expire_by_hand(now, &session);
        expired.expect("an open session");
        stage.event("checkout.session.expired")
    }),
    scenario!("stripe-webhook", "a subscription's first invoice", |stage| {
        stage.subscribe(true);
        stage.event("invoice.paid")
    }),
    scenario!("stripe-webhook", "a subscription's second invoice", |stage| {
        let subscription = stage.subscribe(true);
        stage.settle_down().await;
        stage.cycle(&subscription, true);
        stage.event("invoice.paid")
    }),
    scenario!("stripe-webhook", "an invoice that grants nothing", |stage| {
        let subscription = stage.subscribe(true);
        stage.settle_down().await;
        let made = stage.at_stripe(|stripe, now| stripe.invoice_extra(now, &subscription, "manual", 700));
        made.expect("an invoice");
        stage.event("invoice.paid")
    }),
    scenario!("stripe-webhook", "an invoice of nobody known", |stage| {
        stage.subscribe(false);
        stage.event("invoice.paid")
    }),
    scenario!("stripe-webhook", "a subscription that begins", |stage| {
        stage.subscribe(true);
        stage.event("customer.subscription.created")
    }),
    scenario!("stripe-webhook", "a subscription that is past due", |stage| {
        let subscription = stage.subscribe(true);
        stage.settle_down().await;
        stage.cycle(&subscription, false);
        stage.event("invoice.payment_failed")
    }),
    scenario!("stripe-webhook", "a subscription that is paid after all", "STANDING", |stage| {
        let subscription = stage.subscribe(true);
        let invoice = stage.cycle(&subscription, false);
        stage.settle_down().await;
        stage.sim.advance(DAY).await;
        let paid = stage.at_stripe(|stripe, now| stripe.pay_open_invoice(now, &invoice));
        paid.expect("it is paid");
        stage.event("invoice.paid")
    }),
    scenario!("stripe-webhook", "an event for review", |stage| {
        stage.buy_credits("50").await;
        let event = json!({"id": "evt_refund", "object": "event", "api_version": "2026-09-30.endive",
            "created": stage.sim.core.vendor_ms() / 1_000, "livemode": false, "type": "refund.created",
            "data": {"object": {"id": "re_1", "object": "refund"}}});
        Act::Webhook(event.to_string().into())
    }),
    scenario!("credit-adjustments", "credits given", |stage| {
        let body = json!({"organizationId": ORGANIZATION, "amount": "12.50", "reason": "a correction", "newOrganization": true});
        adjust(stage, &body)
    }),
    scenario!("credit-adjustments", "credits taken away", |stage| {
        stage.buy_credits("50").await;
        let body = json!({"organizationId": ORGANIZATION, "amount": "-12.50", "reason": "a correction", "newOrganization": true});
        adjust(stage, &body)
    }),
    scenario!("credit-adjustments", "credits taken away beside auto top-up", "AUTO-TOP-UP", |stage| {
        stage.save_card("250").await;
        stage.switch_on_top_up("500").await;
        let body = json!({"organizationId": ORGANIZATION, "amount": "-12.50", "reason": "a correction", "newOrganization": true});
        adjust(stage, &body)
    }),
    scenario!("credit-adjustments", "balances imported", |stage| {
        stage.subscribe(true);
        stage.settle_down().await;
        bring_over(stage, "127.00")
    }),
    scenario!("credit-adjustments", "a customer imported", |stage| {
        stage.subscribe(true);
        stage.settle_down().await;
        bring_over(stage, "0.00")
    }),
    scenario!("quarantine", "an invoice granted", |stage| {
        stage.subscribe(false);
        stage.settle_down().await;
        stage.resolution(&stage.latest("invoices"), Some("60.00"))
    }),
    scenario!(
        "quarantine",
        "an invoice granted that was refunded before",
        "Stripe|REF|AUTO-TOP-UP|TransactWriteItems",
        |stage| {
            stage.subscribe(false);
            stage.refund(3_300, "succeeded");
            stage.settle_down().await;
            stage.resolution(&stage.latest("invoices"), Some("60.00"))
        }
    ),
    scenario!("quarantine", "an invoice granted whose subscription is past due", "STANDING", |stage| {
        let subscription = stage.subscribe(false);
        let invoice = stage.latest("invoices");
        stage.cycle(&subscription, false);
        stage.settle_down().await;
        stage.resolution(&invoice, Some("60.00"))
    }),
    scenario!("quarantine", "an invoice dismissed", |stage| {
        stage.subscribe(false);
        stage.settle_down().await;
        stage.resolution(&stage.latest("invoices"), None)
    }),
    scenario!("quarantine", "an invoice dismissed whose grant could not be noted", "CAUSE", |stage| {
        stage.subscribe(false);
        stage.settle_down().await;
        let granted = stage.resolution(&stage.latest("invoices"), Some("60.00"));
        stage.die_at(&granted, "DynamoDB PutItem QUARANTINE", Planned::DiesBefore).await;
        stage.resolution(&stage.latest("invoices"), None)
    }),
];

/// A correction under a key; the people of the simulation know of it.
fn adjust(stage: &mut Stage, body: &Value) -> Act {
    let ask = stage.asks(Endpoint::Adjust, None, &body.to_string());
    let ask = Ask { role: "finance", ..ask };
    stage.sim.people.asked.push(ask.clone());
    Act::Ask(ask)
}

fn bring_over(stage: &mut Stage, credits: &str) -> Act {
    let header = "rowId,organizationId,credits,stripeCustomerId";
    let body = format!("{header}\nrow-1,{ORGANIZATION},{credits},{CUSTOMER}\n");
    stage.sim.people.rows.push(("row-1".to_owned(), credits.to_owned()));
    let ask = stage.finance(Endpoint::Opening, None, &Value::Null);
    Act::Ask(Ask { body, ..ask })
}
