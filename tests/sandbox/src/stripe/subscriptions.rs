//! Subscriptions that invoice. They are made and cycled by the controls only: their checkout is another
//! application's.

use serde_json::{Value, json};

use super::invoices::NewInvoice;
use super::params::Params;
use super::refusal::Outcome;
use super::{Stripe, objects, seconds};

/// A billing month here.
const PERIOD_SECONDS: i64 = 30 * 24 * 60 * 60;
const TRIAL_SECONDS: i64 = 14 * 24 * 60 * 60;

/// What a subscription is made of.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// Made now if it does not exist.
    pub customer: String,
    /// Cents per period.
    pub amount_cents: i64,
    /// Copied to each invoice's `parent`.
    pub metadata: Value,
    /// Begins with a trial, and so with an invoice of 0.
    pub trial: bool,
}

impl Stripe {
    /// Starts a subscription and pays its first invoice. Answers both.
    pub fn subscribe(&mut self, now_ms: u64, new: NewSubscription) -> (Value, Value) {
        self.ensure_customer(now_ms, &new.customer);
        let now = seconds(now_ms);
        let end = now + if new.trial { TRIAL_SECONDS } else { PERIOD_SECONDS };
        let id = self.ids.fresh("sub_1", 23);
        let mut subscription = objects::subscription();
        objects::set(
            &mut subscription,
            json!({
                "id": id,
                "customer": new.customer,
                "metadata": new.metadata,
                "created": now,
                "start_date": now,
                "billing_cycle_anchor": end,
                "status": if new.trial { "trialing" } else { "active" },
                "trial_start": new.trial.then_some(now),
                "trial_end": new.trial.then_some(end),
            }),
        );
        subscription["items"]["url"] = Value::from(format!("/v1/subscription_items?subscription={id}"));
        let item = &mut subscription["items"]["data"][0];
        objects::set(
            item,
            json!({
                "id": self.ids.fresh("si_", 14),
                "subscription": id,
                "created": now,
                "current_period_start": now,
                "current_period_end": end,
            }),
        );
        let price = json!({
            "unit_amount": new.amount_cents, "unit_amount_decimal": new.amount_cents.to_string(),
        });
        objects::set(&mut item["price"], price);
        let cents = new.amount_cents;
        objects::set(&mut item["plan"], json!({"amount": cents, "amount_decimal": cents.to_string()}));
        self.subscriptions.put(subscription.clone());
        self.emit(now_ms, "customer.subscription.created", &subscription);
        let invoice = NewInvoice {
            subscription,
            billing_reason: "subscription_create",
            amount: if new.trial { 0 } else { new.amount_cents },
            period: (now, end),
            paid: true,
        };
        self.invoice_and_note(now_ms, &id, &invoice)
    }

    /// Begins the next period and invoices it: `amount_cents` in place of the price where given; `paid` false
    /// for a declined card. `None` when there is no such subscription.
    pub fn cycle(
        &mut self,
        now_ms: u64,
        id: &str,
        amount_cents: Option<i64>,
        paid: bool,
    ) -> Option<(Value, Value)> {
        let subscription = self.subscriptions.get_mut(id)?;
        let item = &mut subscription["items"]["data"][0];
        let start = item["current_period_end"].as_i64().unwrap_or_default();
        let end = start + PERIOD_SECONDS;
        let price = item["price"]["unit_amount"].as_i64().unwrap_or_default();
        objects::set(item, json!({"current_period_start": start, "current_period_end": end}));
        let status = if paid { "active" } else { "past_due" };
        objects::set(subscription, json!({"status": status}));
        let subscription = subscription.clone();
        self.emit(now_ms, "customer.subscription.updated", &subscription);
        let invoice = NewInvoice {
            subscription,
            billing_reason: "subscription_cycle",
            amount: amount_cents.unwrap_or(price),
            period: (start, end),
            paid,
        };
        Some(self.invoice_and_note(now_ms, id, &invoice))
    }

    fn invoice_and_note(&mut self, now_ms: u64, id: &str, new: &NewInvoice) -> (Value, Value) {
        let invoice = self.invoice_subscription(now_ms, new);
        let subscription = match self.subscriptions.get_mut(id) {
            Some(subscription) => {
                objects::set(subscription, json!({"latest_invoice": invoice["id"]}));
                subscription.clone()
            }
            None => Value::Null,
        };
        (subscription, invoice)
    }

    pub(super) fn list_subscriptions(&self, params: &Params) -> Outcome {
        params.only(&[
            "limit",
            "starting_after",
            "ending_before",
            "created",
            "customer",
            "status",
            "expand",
        ])?;
        let wanted = |name: &str, value: &Value| params.text(name).is_none_or(|wanted| *value == wanted);
        self.subscriptions.page("/v1/subscriptions", params, |subscription| {
            wanted("customer", &subscription["customer"]) && wanted("status", &subscription["status"])
        })
    }
}
