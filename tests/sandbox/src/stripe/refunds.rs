//! Refunds: asked for over the API or made by a person at Stripe, at once or after days, and some that bounce.

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::vocabulary::REFUND;
use super::{Stripe, objects, seconds};

const BEGINNINGS: [&str; 4] = ["succeeded", "pending", "requires_action", "failed"];
/// The customer has so long to answer a refund that waits for their bank details.
const ACTION_SECONDS: i64 = 45 * 24 * 60 * 60;

struct NewRefund<'a> {
    charge: String,
    /// All that is left when absent.
    amount: Option<i64>,
    reason: Option<&'a str>,
    metadata: Value,
    beginning: &'static str,
}

impl Stripe {
    /// How the refunds asked for from now on begin: `succeeded` (as in a new account), `pending`,
    /// `requires_action`, or `failed` for one that fails right after it was made. The error is a sentence.
    pub fn begin_refunds_as(&mut self, status: &str) -> Result<(), String> {
        self.refunds_begin = beginning(status)?;
        Ok(())
    }

    /// Refunds a charge in whole or in part.
    pub(super) fn create_refund(&mut self, now_ms: u64, params: &Params) -> Outcome {
        params.shaped(REFUND)?;
        let reason = params.text("reason");
        let charge = match (params.text("charge"), params.text("payment_intent")) {
            (Some(charge), _) => charge.to_owned(),
            (None, Some(intent)) => self.refundable(intent)?,
            (None, None) => return Err(Refusal::missing("charge")),
        };
        let new = NewRefund {
            charge,
            amount: params.integer("amount")?,
            reason,
            metadata: params.metadata("metadata")?,
            beginning: self.refunds_begin,
        };
        self.refund_charge(now_ms, new)
    }

    /// A refund that a person makes in Stripe's Dashboard: nobody's metadata is on it. `payment_intent` may also be a
    /// `ch_…`. All that is left when no amount is given; `status` as in [`Self::begin_refunds_as`]. The error is a
    /// sentence.
    pub fn refund_by_dashboard(
        &mut self,
        now_ms: u64,
        payment_intent: &str,
        amount_cents: Option<i64>,
        status: &str,
    ) -> Result<Value, String> {
        let beginning = beginning(status)?;
        // a payment from before there were intents is named by its charge
        let charge = match self.charges.get(payment_intent) {
            Some(_) => Ok(payment_intent.to_owned()),
            None => self.refundable(payment_intent),
        };
        let made = charge.and_then(|charge| {
            let reason = Some("requested_by_customer");
            let new = NewRefund { charge, amount: amount_cents, reason, metadata: json!({}), beginning };
            self.refund_charge(now_ms, new)
        });
        made.map_err(|refusal| refusal.message)
    }

    /// Ends a refund that waits (`succeeded`, `failed`, `canceled`), or lets one bounce that had succeeded
    /// (`failed`). What has failed or was canceled is final. The error is a sentence.
    pub fn settle_refund(&mut self, now_ms: u64, id: &str, status: &str) -> Result<Value, String> {
        let refund = self.refunds.get(id).ok_or_else(|| format!("No such refund: {id}"))?;
        match (objects::text(refund, "status"), status) {
            ("pending" | "requires_action", "succeeded" | "failed" | "canceled")
            | ("succeeded", "failed") => Ok(self.change_refund(now_ms, id, status)),
            (from, to) => Err(format!("A refund that is {from} cannot become {to}.")),
        }
    }

    fn refundable(&self, intent: &str) -> Result<String, Box<Refusal>> {
        if self.intents.get(intent).is_none_or(|found| self.is_gone(found)) {
            return Err(Refusal::no_such("payment_intent", intent, 404, "payment_intent"));
        }
        self.charge_of(intent).ok_or_else(|| {
            let message =
                format!("This PaymentIntent ({intent}) does not have a successful charge to refund.");
            Refusal::invalid(message, Some("payment_intent"))
        })
    }

    fn refund_charge(&mut self, now_ms: u64, new: NewRefund) -> Outcome {
        let charge = self.charges.get(&new.charge);
        let charge = charge.filter(|charge| !self.is_gone(charge)).cloned();
        let charge = charge.ok_or_else(|| Refusal::no_such("charge", &new.charge, 404, "charge"))?;
        let amount = self.check_refund(&charge, new.amount)?;
        let status = if new.beginning == "failed" { "pending" } else { new.beginning };
        let id = self.ids.fresh("re_3", 23);
        let mut refund = objects::refund();
        objects::set(
            &mut refund,
            json!({
                "id": id,
                "amount": amount,
                "charge": charge["id"],
                "currency": charge["currency"],
                "customer": charge["customer"],
                "payment_intent": charge["payment_intent"],
                "payment_method": charge["payment_method"],
                "reason": new.reason,
                "metadata": new.metadata,
                "status": status,
                "created": seconds(now_ms),
            }),
        );
        match status {
            "succeeded" => refund["balance_transaction"] = Value::from(self.ids.fresh("txn_3", 23)),
            "pending" => refund["pending_reason"] = Value::from("processing"),
            _ => refund["next_action"] = next_action(now_ms),
        }
        self.refunds.put(refund.clone());
        // what waits counts as refunded already: nobody may ask for the same money twice
        let (before, charge) = self.change_refunded(&new.charge, amount);
        self.emit(now_ms, "refund.created", &refund);
        self.emit_change(now_ms, "charge.refunded", &before, &charge);
        match new.beginning {
            "failed" => Ok(self.change_refund(now_ms, &id, "failed")),
            _ => Ok(refund),
        }
    }

    /// The amount in cents, or why it cannot be refunded.
    fn check_refund(&self, charge: &Value, asked: Option<i64>) -> Result<i64, Box<Refusal>> {
        let id = objects::text(charge, "id");
        let paid = charge["amount"].as_i64().unwrap_or_default();
        let left = paid - charge["amount_refunded"].as_i64().unwrap_or_default();
        if left == 0 {
            let message = format!("Charge {id} has already been refunded.");
            return Err(Refusal::coded("charge_already_refunded", message, "charge"));
        }
        if self.is_charged_back(id) {
            let message = format!("Charge {id} has been charged back; cannot issue a refund.");
            return Err(Refusal::coded("charge_disputed", message, "charge"));
        }
        let amount = asked.unwrap_or(left);
        if !(1..=left).contains(&amount) {
            let message = "Refund amount is greater than unrefunded amount on charge.".to_owned();
            return Err(Refusal::invalid(message, Some("amount")));
        }
        Ok(amount)
    }

    fn change_refund(&mut self, now_ms: u64, id: &str, status: &str) -> Value {
        let transaction = self.ids.fresh("txn_3", 23);
        let Some(refund) = self.refunds.get_mut(id) else {
            return Value::Null;
        };
        let before = refund.clone();
        objects::set(refund, json!({"status": status}));
        for waiting in ["pending_reason", "next_action"] {
            if !refund[waiting].is_null() {
                refund[waiting] = Value::Null;
            }
        }
        match status {
            "succeeded" => refund["balance_transaction"] = Value::from(transaction),
            "failed" => {
                refund["failure_reason"] = Value::from("expired_or_canceled_card");
                // the money comes back only where it had left
                if !refund["balance_transaction"].is_null() {
                    refund["failure_balance_transaction"] = Value::from(transaction);
                }
            }
            _ => {}
        }
        let refund = refund.clone();
        if status != "succeeded" {
            let amount = refund["amount"].as_i64().unwrap_or_default();
            self.change_refunded(objects::text(&refund, "charge"), -amount);
        }
        self.emit_change(now_ms, "refund.updated", &before, &refund);
        self.emit_change(now_ms, "charge.refund.updated", &before, &refund);
        if status == "failed" {
            self.emit(now_ms, "refund.failed", &refund);
        }
        refund
    }

    pub(super) fn list_refunds(&self, params: &Params) -> Outcome {
        params.only(&[
            "limit",
            "starting_after",
            "ending_before",
            "created",
            "charge",
            "payment_intent",
            "expand",
        ])?;
        self.refunds.page("/v1/refunds", params, |refund| {
            params.accepts("charge", &refund["charge"])
                && params.accepts("payment_intent", &refund["payment_intent"])
        })
    }
}

/// One of [`BEGINNINGS`]; the error is a sentence.
fn beginning(status: &str) -> Result<&'static str, String> {
    let known = BEGINNINGS.into_iter().find(|known| *known == status);
    known.ok_or_else(|| format!("A refund begins as one of {}.", BEGINNINGS.join(", ")))
}

fn next_action(now_ms: u64) -> Value {
    let now = seconds(now_ms);
    json!({
        "type": "display_details",
        "display_details": {
            "email_sent": {"email_sent_at": now, "email_sent_to": "customer@example.com"},
            "expires_at": now + ACTION_SECONDS,
        },
    })
}
