//! Subscriptions that invoice. They are made and cycled by the controls only: their checkout is another
//! application's.

use serde_json::{Value, json};

use super::invoices::NewInvoice;
use super::params::Params;
use super::refusal::Outcome;
use super::{Stripe, objects, seconds};

const PERIOD_SECONDS: i64 = 30 * 24 * 60 * 60;
const TRIAL_SECONDS: i64 = 14 * 24 * 60 * 60;
/// Where a subscription can stand without having been canceled.
const STATUSES: [&str; 7] =
    ["incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "paused"];
const REASONS: [&str; 7] = [
    "subscription_create",
    "subscription_cycle",
    "subscription_update",
    "subscription_threshold",
    "manual",
    "quote_accept",
    "automatic_pending_invoice_item_invoice",
];

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
    /// for a declined card, after which the subscription is `past_due`. `None` when there is no such
    /// subscription, or it is canceled.
    pub fn cycle(
        &mut self,
        now_ms: u64,
        id: &str,
        amount_cents: Option<i64>,
        paid: bool,
    ) -> Option<(Value, Value)> {
        let subscription = self.subscriptions.get_mut(id)?;
        if subscription["status"] == "canceled" {
            return None;
        }
        let before = subscription.clone();
        let item = &mut subscription["items"]["data"][0];
        let start = item["current_period_end"].as_i64().unwrap_or_default();
        let end = start + PERIOD_SECONDS;
        let price = item["price"]["unit_amount"].as_i64().unwrap_or_default();
        objects::set(item, json!({"current_period_start": start, "current_period_end": end}));
        if subscription["status"] == "trialing" {
            subscription["status"] = Value::from("active");
        }
        let subscription = subscription.clone();
        self.emit_change(now_ms, "customer.subscription.updated", &before, &subscription);
        let invoice = NewInvoice {
            subscription,
            billing_reason: "subscription_cycle",
            amount: amount_cents.unwrap_or(price),
            period: (start, end),
            paid,
        };
        let (_, invoice) = self.invoice_and_note(now_ms, id, &invoice);
        let subscription = self.mark(now_ms, id, if paid { "active" } else { "past_due" });
        Some((subscription, invoice))
    }

    /// A paid invoice of another `billing_reason` than a period's begin: `subscription_update`, `manual`,
    /// `subscription_threshold` … Answers the subscription and the invoice; the error is a sentence.
    pub fn invoice_extra(
        &mut self,
        now_ms: u64,
        id: &str,
        billing_reason: &str,
        amount_cents: i64,
    ) -> Result<(Value, Value), String> {
        let subscription = self.find_living(id)?;
        if !REASONS.contains(&billing_reason) {
            return Err(format!("An invoice's reason is one of {}.", REASONS.join(", ")));
        }
        if amount_cents < 0 {
            return Err("An invoice's amount is not negative.".to_owned());
        }
        let item = &subscription["items"]["data"][0];
        let moment = |name: &str| item[name].as_i64().unwrap_or_default();
        let period = (moment("current_period_start"), moment("current_period_end"));
        let new = NewInvoice { subscription, billing_reason, amount: amount_cents, period, paid: true };
        Ok(self.invoice_and_note(now_ms, id, &new))
    }

    /// Puts a subscription into a status that Stripe would reach by itself. Nothing happens if it is there
    /// already. The error is a sentence.
    pub fn set_subscription_status(&mut self, now_ms: u64, id: &str, status: &str) -> Result<Value, String> {
        self.find_living(id)?;
        match STATUSES.contains(&status) {
            true => Ok(self.mark(now_ms, id, status)),
            false => Err(format!("A subscription's status is one of {}.", STATUSES.join(", "))),
        }
    }

    /// Ends a subscription at once. The error is a sentence.
    pub fn cancel_subscription(&mut self, now_ms: u64, id: &str) -> Result<Value, String> {
        let mut subscription = self.find_living(id)?;
        let now = seconds(now_ms);
        objects::set(&mut subscription, json!({"status": "canceled", "canceled_at": now, "ended_at": now}));
        subscription["cancellation_details"]["reason"] = Value::from("cancellation_requested");
        if let Some(stored) = self.subscriptions.get_mut(id) {
            stored.clone_from(&subscription);
        }
        self.emit(now_ms, "customer.subscription.deleted", &subscription);
        Ok(subscription)
    }

    /// The latest invoice of a subscription in arrears is paid after all.
    pub(super) fn end_dunning(&mut self, now_ms: u64, id: &str, invoice: &str) -> Value {
        let subscription = self.subscriptions.get(id).cloned().unwrap_or_default();
        let in_arrears =
            matches!(objects::text(&subscription, "status"), "past_due" | "unpaid" | "incomplete");
        match in_arrears && subscription["latest_invoice"] == invoice {
            true => self.mark(now_ms, id, "active"),
            false => subscription,
        }
    }

    fn find_living(&self, id: &str) -> Result<Value, String> {
        match self.subscriptions.get(id) {
            None => Err(format!("No such subscription: {id}")),
            Some(subscription) if subscription["status"] == "canceled" => {
                Err("This subscription is canceled.".to_owned())
            }
            Some(subscription) => Ok(subscription.clone()),
        }
    }

    /// Changes the status, and says so if it is another.
    fn mark(&mut self, now_ms: u64, id: &str, status: &str) -> Value {
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return Value::Null;
        };
        let before = subscription.clone();
        subscription["status"] = Value::from(status);
        let subscription = subscription.clone();
        if before != subscription {
            self.emit_change(now_ms, "customer.subscription.updated", &before, &subscription);
        }
        subscription
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
        self.subscriptions.page("/v1/subscriptions", params, |subscription| {
            params.accepts("customer", &subscription["customer"])
                && params.accepts("status", &subscription["status"])
        })
    }
}
