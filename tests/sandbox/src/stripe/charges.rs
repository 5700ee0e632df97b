//! Charges and their refunds.

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::{Stripe, objects, seconds};

impl Stripe {
    /// The charge of an intent that is being paid in full.
    pub(super) fn new_charge(&mut self, now_ms: u64, intent: &str) -> Value {
        let intent = self.intents.get(intent).cloned().unwrap_or_default();
        let mut charge = objects::charge();
        objects::set(
            &mut charge,
            json!({
                "id": self.ids.fresh("ch_3", 23),
                "amount": intent["amount"],
                "amount_captured": intent["amount"],
                "currency": intent["currency"],
                "customer": intent["customer"],
                "description": intent["description"],
                "metadata": intent["metadata"],
                "payment_intent": intent["id"],
                "payment_method": intent["payment_method"],
                "balance_transaction": self.ids.fresh("txn_3", 23),
                "created": seconds(now_ms),
            }),
        );
        self.charges.put(charge.clone());
        charge
    }

    /// Refunds a charge in whole or in part. It succeeds at once.
    pub(super) fn create_refund(&mut self, now_ms: u64, params: &Params) -> Outcome {
        params.only(&["charge", "payment_intent", "amount", "reason", "metadata", "expand"])?;
        let metadata = params.metadata("metadata")?;
        let charge_id = match (params.text("charge"), params.text("payment_intent")) {
            (Some(charge), _) => charge.to_owned(),
            (None, Some(intent)) => {
                let intent = self.intents.get(intent);
                objects::text(intent.unwrap_or(&Value::Null), "latest_charge").to_owned()
            }
            (None, None) => return Err(Refusal::missing("charge")),
        };
        let asked = params.integer("amount")?;
        let charge = self.charges.get_mut(&charge_id);
        let charge = charge.ok_or_else(|| Refusal::no_such("charge", &charge_id, 404, "charge"))?;
        let paid = charge["amount"].as_i64().unwrap_or_default();
        let before = charge["amount_refunded"].as_i64().unwrap_or_default();
        let amount = asked.unwrap_or(paid - before);
        if before == paid {
            let message = format!("Charge {charge_id} has already been refunded.");
            return Err(Refusal::coded("charge_already_refunded", message, "charge"));
        }
        if amount < 1 || amount > paid - before {
            let message = "Refund amount is greater than unrefunded amount on charge.".to_owned();
            return Err(Refusal::invalid(message, Some("amount")));
        }
        objects::set(
            charge,
            json!({"amount_refunded": before + amount, "refunded": before + amount == paid}),
        );
        let charge = charge.clone();
        let mut refund = objects::refund();
        objects::set(
            &mut refund,
            json!({
                "id": self.ids.fresh("re_3", 23),
                "amount": amount,
                "charge": charge_id,
                "currency": charge["currency"],
                "payment_intent": charge["payment_intent"],
                "reason": params.text("reason"),
                "metadata": metadata,
                "balance_transaction": self.ids.fresh("txn_3", 23),
                "created": seconds(now_ms),
            }),
        );
        self.refunds.put(refund.clone());
        self.emit(now_ms, "refund.created", &refund);
        self.emit(now_ms, "charge.refunded", &charge);
        Ok(refund)
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
        let (charge, intent) = (params.text("charge"), params.text("payment_intent"));
        self.refunds.page("/v1/refunds", params, |refund| {
            charge.is_none_or(|charge| refund["charge"] == charge)
                && intent.is_none_or(|intent| refund["payment_intent"] == intent)
        })
    }
}
