//! Invoices, in the shape they have since the basil train: the subscription is under `parent`.

use serde_json::{Value, json};

use super::cards::Decline;
use super::intents::NewIntent;
use super::params::Params;
use super::refusal::Outcome;
use super::{Stripe, objects, seconds};

const CARD: &str = "pm_card_visa";

pub(super) struct NewInvoice<'a> {
    pub(super) subscription: Value,
    /// `subscription_create`, `subscription_cycle` …
    pub(super) billing_reason: &'a str,
    /// Cents.
    pub(super) amount: i64,
    /// The period that is paid for, unix seconds.
    pub(super) period: (i64, i64),
    /// False when the charge is declined and the invoice stays open.
    pub(super) paid: bool,
}

impl Stripe {
    pub(super) fn invoice_subscription(&mut self, now_ms: u64, new: &NewInvoice) -> Value {
        let subscription = &new.subscription;
        let customer = subscription["customer"].clone();
        let mut invoice = self.draft_invoice(now_ms, &customer, new.billing_reason, new.amount);
        let id = subscription["id"].clone();
        objects::set(
            &mut invoice,
            json!({
                "period_start": new.period.0,
                "period_end": new.period.1,
                "parent": {
                    "type": "subscription_details",
                    "quote_details": null,
                    "subscription_details": {"subscription": id, "metadata": subscription["metadata"]},
                },
            }),
        );
        let line = &mut invoice["lines"]["data"][0];
        objects::set(
            line,
            json!({
                "description": "1 x DropLab monthly plan",
                "metadata": subscription["metadata"],
                "period": {"start": new.period.0, "end": new.period.1},
                "parent": {
                    "type": "subscription_item_details",
                    "invoice_item_details": null,
                    "subscription_item_details": {
                        "invoice_item": null,
                        "proration": false,
                        "proration_details": {"credited_items": null},
                        "subscription": id, "subscription_item": subscription["items"]["data"][0]["id"],
                    },
                },
            }),
        );
        self.emit(now_ms, "invoice.created", &invoice);
        objects::set(&mut invoice, json!({"status": "open", "effective_at": seconds(now_ms)}));
        let links = self.invoice_links(objects::text(&invoice, "id"));
        objects::set(&mut invoice, links);
        invoice["status_transitions"]["finalized_at"] = Value::from(seconds(now_ms));
        self.emit(now_ms, "invoice.finalized", &invoice);
        self.charge_invoice(now_ms, &mut invoice, new.paid);
        self.invoices.put(invoice.clone());
        match new.paid {
            true => self.tell_paid(now_ms, &invoice),
            false => self.emit(now_ms, "invoice.payment_failed", &invoice),
        }
        invoice
    }

    /// Pays an invoice whose first charge was declined, with the same payment intent. Its subscription is
    /// active again if this was its latest invoice. Answers the subscription and the invoice; the error is a
    /// sentence.
    pub fn pay_open_invoice(&mut self, now_ms: u64, id: &str) -> Result<(Value, Value), String> {
        let mut invoice = self.invoices.get(id).cloned().ok_or_else(|| format!("No such invoice: {id}"))?;
        if invoice["status"] != "open" {
            return Err(format!("This invoice is {}.", objects::text(&invoice, "status")));
        }
        let payment = self.payment_of(id).cloned().unwrap_or_default();
        let intent = objects::text(&payment["payment"], "payment_intent").to_owned();
        self.change_intent(&intent, json!({"payment_method": CARD, "last_payment_error": null}));
        self.succeed(now_ms, &intent);
        let attempts = invoice["attempt_count"].as_i64().unwrap_or_default() + 1;
        settle(&mut invoice, seconds(now_ms));
        objects::set(&mut invoice, json!({"attempt_count": attempts, "next_payment_attempt": null}));
        if let Some(stored) = self.invoices.get_mut(id) {
            stored.clone_from(&invoice);
        }
        self.tell_paid(now_ms, &invoice);
        let subscription = &invoice["parent"]["subscription_details"]["subscription"];
        let subscription = subscription.as_str().unwrap_or_default().to_owned();
        Ok((self.end_dunning(now_ms, &subscription, id), invoice))
    }

    fn tell_paid(&mut self, now_ms: u64, invoice: &Value) {
        self.emit(now_ms, "invoice.paid", invoice);
        self.emit(now_ms, "invoice.payment_succeeded", invoice);
        self.pay_invoice_payment(now_ms, objects::text(invoice, "id"));
    }

    /// The invoice that Checkout writes after a one-time payment on request: `billing_reason` is `manual`.
    pub(super) fn receipt_invoice(
        &mut self,
        now_ms: u64,
        customer: &Value,
        amount: i64,
        metadata: Value,
        intent: &str,
    ) -> Value {
        let mut invoice = self.draft_invoice(now_ms, customer, "manual", amount);
        objects::set(&mut invoice, json!({"metadata": metadata}));
        let links = self.invoice_links(objects::text(&invoice, "id"));
        objects::set(&mut invoice, links);
        settle(&mut invoice, seconds(now_ms));
        invoice["status_transitions"]["finalized_at"] = Value::from(seconds(now_ms));
        self.invoices.put(invoice.clone());
        self.new_invoice_payment(now_ms, &invoice, intent);
        self.emit(now_ms, "invoice.paid", &invoice);
        self.pay_invoice_payment(now_ms, objects::text(&invoice, "id"));
        invoice
    }

    fn draft_invoice(&mut self, now_ms: u64, customer: &Value, reason: &str, amount: i64) -> Value {
        let id = self.ids.fresh("in_1", 23);
        let now = seconds(now_ms);
        let mut invoice = objects::invoice();
        objects::set(
            &mut invoice,
            json!({
                "id": id,
                "customer": customer,
                "billing_reason": reason,
                "created": now,
                "period_start": now,
                "period_end": now,
                "amount_due": amount,
                "amount_remaining": amount,
                "subtotal": amount,
                "subtotal_excluding_tax": amount,
                "total": amount,
                "total_excluding_tax": amount,
                "number": self.ids.fresh("DROPLAB-", 8).to_uppercase(),
            }),
        );
        invoice["lines"]["url"] = Value::from(format!("/v1/invoices/{id}/lines"));
        objects::set(
            &mut invoice["lines"]["data"][0],
            json!({
                "id": self.ids.fresh("il_1", 23),
                "invoice": id,
                "amount": amount,
                "subtotal": amount,
                "period": {"start": now, "end": now},
            }),
        );
        invoice
    }

    fn charge_invoice(&mut self, now_ms: u64, invoice: &mut Value, paid: bool) {
        let amount = invoice["amount_due"].as_i64().unwrap_or_default();
        if amount > 0 {
            let intent = self.new_intent(
                now_ms,
                NewIntent {
                    amount,
                    currency: invoice["currency"].clone(),
                    customer: invoice["customer"].clone(),
                    metadata: json!({}),
                    description: Value::from("Subscription"),
                    setup_future_usage: Value::Null,
                    payment_method: Value::from(CARD),
                    method_type: "card",
                },
            );
            self.new_invoice_payment(now_ms, invoice, &intent);
            match paid {
                true => self.succeed(now_ms, &intent),
                false => self.fail(now_ms, &intent, Decline::GENERIC),
            };
        }
        match paid {
            true => settle(invoice, seconds(now_ms)),
            false => objects::set(
                invoice,
                json!({
                    "attempted": true, "attempt_count": 1, "auto_advance": true,
                    "next_payment_attempt": seconds(now_ms) + 3 * 24 * 60 * 60,
                }),
            ),
        }
    }

    pub(super) fn list_invoices(&self, params: &Params) -> Outcome {
        params.only(&[
            "limit",
            "starting_after",
            "ending_before",
            "created",
            "subscription",
            "customer",
            "status",
            "collection_method",
            "expand",
        ])?;
        self.invoices.page("/v1/invoices", params, |invoice| {
            params.accepts("customer", &invoice["customer"])
                && params.accepts("status", &invoice["status"])
                && params.accepts("subscription", &invoice["parent"]["subscription_details"]["subscription"])
        })
    }
}

fn settle(invoice: &mut Value, now: i64) {
    let amount = invoice["amount_due"].clone();
    objects::set(
        invoice,
        json!({
            "status": "paid", "amount_paid": amount, "amount_remaining": 0, "attempted": true,
            "attempt_count": 1, "auto_advance": false, "effective_at": now,
        }),
    );
    invoice["status_transitions"]["paid_at"] = Value::from(now);
}
