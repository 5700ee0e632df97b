//! Disputes and inquiries: a bank takes a payment back, or asks first.

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::Outcome;
use super::{Stripe, objects, seconds};

/// What a dispute costs the merchant in cents, won or lost.
const FEE_CENTS: i64 = 1_500;
/// Time to send evidence.
const EVIDENCE_SECONDS: i64 = 9 * 24 * 60 * 60;

impl Stripe {
    /// The payer's bank disputes a payment, in whole when no amount is given. An `inquiry` only asks: no money
    /// moves until it is escalated. A payment may be disputed more than once. The error is a sentence.
    pub fn open_dispute(
        &mut self,
        now_ms: u64,
        payment_intent: &str,
        amount_cents: Option<i64>,
        inquiry: bool,
    ) -> Result<Value, String> {
        // a payment from before there were intents is named by its charge
        let charge = self.charge_of(payment_intent).unwrap_or_else(|| payment_intent.to_owned());
        let charge = self.charges.get_mut(&charge);
        let charge = charge.ok_or_else(|| format!("There is no charge of {payment_intent}."))?;
        let paid = charge["amount"].as_i64().unwrap_or_default();
        let amount = amount_cents.unwrap_or(paid);
        if !(1..=paid).contains(&amount) {
            return Err(format!("A dispute of this payment is of 1 to {paid} cents."));
        }
        charge["disputed"] = Value::from(true);
        let charge = charge.clone();
        let mut dispute = objects::dispute();
        let id = self.ids.fresh("dp_1", 23);
        objects::set(
            &mut dispute,
            json!({
                "id": id,
                "amount": amount,
                "charge": charge["id"],
                "currency": charge["currency"],
                "payment_intent": charge["payment_intent"],
                "created": seconds(now_ms),
                "is_charge_refundable": inquiry,
                "status": if inquiry { "warning_needs_response" } else { "needs_response" },
            }),
        );
        dispute["evidence_details"]["due_by"] = Value::from(seconds(now_ms) + EVIDENCE_SECONDS);
        if inquiry {
            dispute["payment_method_details"]["card"]["case_type"] = Value::from("inquiry");
        } else {
            self.move_funds(now_ms, &mut dispute, -amount);
        }
        self.disputes.put(dispute.clone());
        self.emit(now_ms, "charge.dispute.created", &dispute);
        if !inquiry {
            self.emit(now_ms, "charge.dispute.funds_withdrawn", &dispute);
        }
        Ok(dispute)
    }

    /// An inquiry becomes a dispute, and its money is taken. The error is a sentence.
    pub fn escalate_dispute(&mut self, now_ms: u64, id: &str) -> Result<Value, String> {
        let before = self.find_dispute(id)?;
        if !is_open_inquiry(&before) {
            let status = objects::text(&before, "status");
            return Err(format!("Only an open inquiry is escalated; this one is {status}."));
        }
        let mut dispute = before.clone();
        objects::set(&mut dispute, json!({"status": "needs_response", "is_charge_refundable": false}));
        dispute["payment_method_details"]["card"]["case_type"] = Value::from("chargeback");
        let amount = dispute["amount"].as_i64().unwrap_or_default();
        self.move_funds(now_ms, &mut dispute, -amount);
        self.keep_dispute(&dispute);
        self.emit_change(now_ms, "charge.dispute.updated", &before, &dispute);
        self.emit(now_ms, "charge.dispute.funds_withdrawn", &dispute);
        Ok(dispute)
    }

    /// Ends a dispute as `won` (the money comes back) or `lost`, or an inquiry as `warning_closed`. The error
    /// is a sentence.
    pub fn close_dispute(&mut self, now_ms: u64, id: &str, outcome: &str) -> Result<Value, String> {
        let mut dispute = self.find_dispute(id)?;
        let status = objects::text(&dispute, "status");
        let fits = match outcome {
            "won" | "lost" => is_undecided(status),
            "warning_closed" => is_open_inquiry(&dispute),
            _ => return Err("A dispute ends as won, lost or warning_closed.".to_owned()),
        };
        if !fits {
            return Err(format!("A dispute that is {status} cannot end as {outcome}."));
        }
        objects::set(&mut dispute, json!({"status": outcome}));
        let reinstated = outcome == "won" && is_withdrawn(&dispute);
        if reinstated {
            let amount = dispute["amount"].as_i64().unwrap_or_default();
            self.move_funds(now_ms, &mut dispute, amount);
        }
        self.keep_dispute(&dispute);
        if reinstated {
            self.emit(now_ms, "charge.dispute.funds_reinstated", &dispute);
        }
        self.emit(now_ms, "charge.dispute.closed", &dispute);
        Ok(dispute)
    }

    /// True when the bank holds money of this charge, or did not return it: Stripe refunds nothing of it then.
    pub(super) fn is_charged_back(&self, charge: &str) -> bool {
        self.disputes.iter().any(|dispute| {
            dispute["charge"] == charge
                && (is_undecided(objects::text(dispute, "status")) || dispute["status"] == "lost")
        })
    }

    pub(super) fn list_disputes(&self, params: &Params) -> Outcome {
        params.only(&[
            "limit",
            "starting_after",
            "ending_before",
            "created",
            "charge",
            "payment_intent",
            "expand",
        ])?;
        self.disputes.page("/v1/disputes", params, |dispute| {
            params.accepts("charge", &dispute["charge"])
                && params.accepts("payment_intent", &dispute["payment_intent"])
        })
    }

    pub(super) fn find_dispute(&self, id: &str) -> Result<Value, String> {
        self.disputes.get(id).cloned().ok_or_else(|| format!("No such dispute: {id}"))
    }

    pub(super) fn keep_dispute(&mut self, dispute: &Value) {
        if let Some(stored) = self.disputes.get_mut(objects::text(dispute, "id")) {
            stored.clone_from(dispute);
        }
    }

    /// Writes the balance transaction of a withdrawal (negative, with the fee) or a reinstatement.
    pub(super) fn move_funds(&mut self, now_ms: u64, dispute: &mut Value, cents: i64) {
        let withdrawn = cents < 0;
        let fee = if withdrawn { FEE_CENTS } else { 0 };
        let charge = objects::text(dispute, "charge");
        let fees = json!([{
            "amount": fee, "application": null, "currency": dispute["currency"],
            "description": "Dispute fee", "type": "stripe_fee",
        }]);
        let mut transaction = objects::balance_transaction();
        objects::set(
            &mut transaction,
            json!({
                "id": self.ids.fresh("txn_1", 23),
                "amount": cents,
                "fee": fee,
                "fee_details": if withdrawn { fees } else { json!([]) },
                "net": cents - fee,
                "available_on": seconds(now_ms),
                "created": seconds(now_ms),
                "currency": dispute["currency"],
                "description": match withdrawn {
                    true => format!("Chargeback withdrawal for {charge}"),
                    false => format!("Chargeback reversal for {charge}"),
                },
                "reporting_category": if withdrawn { "dispute" } else { "dispute_reversal" },
                "source": dispute["id"],
            }),
        );
        if let Some(transactions) = dispute["balance_transactions"].as_array_mut() {
            transactions.push(transaction);
        }
    }
}

/// A dispute, or an appeal against its decision, that waits for the bank or for us.
fn is_undecided(status: &str) -> bool {
    matches!(status, "needs_response" | "under_review" | "appeal_needs_response" | "appeal_under_review")
}

pub(super) fn is_withdrawn(dispute: &Value) -> bool {
    let moved = dispute["balance_transactions"].as_array().into_iter().flatten();
    moved.filter_map(|transaction| transaction["amount"].as_i64()).sum::<i64>() < 0
}

fn is_open_inquiry(dispute: &Value) -> bool {
    matches!(objects::text(dispute, "status"), "warning_needs_response" | "warning_under_review")
}
