//! Charges: what a payment made, and what refunds have left of it.

use serde_json::{Value, json};

use super::{Stripe, objects, seconds};

impl Stripe {
    pub(super) fn new_charge(&mut self, now_ms: u64, intent: &str) -> Value {
        let intent = self.intents.get(intent).cloned().unwrap_or_default();
        let id = self.ids.fresh("ch_3", 23);
        let mut charge = objects::charge();
        objects::set(
            &mut charge,
            json!({
                "id": id,
                "amount": intent["amount"],
                "amount_captured": intent["amount"],
                "currency": intent["currency"],
                "customer": intent["customer"],
                "description": intent["description"],
                "metadata": intent["metadata"],
                "payment_intent": intent["id"],
                "payment_method": intent["payment_method"],
                "balance_transaction": self.ids.fresh("txn_3", 23),
                "receipt_url": format!("{}/receipts/{id}", self.public_url),
                "created": seconds(now_ms),
            }),
        );
        self.charges.put(charge.clone());
        charge
    }

    /// The id of the charge that paid an intent; `None` while nothing has.
    pub(super) fn charge_of(&self, intent: &str) -> Option<String> {
        self.intents.get(intent)?["latest_charge"].as_str().map(str::to_owned)
    }

    /// Adds to what is refunded of a charge, or takes back from it what a bounced refund had added. Answers
    /// the charge before and after.
    pub(super) fn change_refunded(&mut self, charge: &str, by_cents: i64) -> (Value, Value) {
        let Some(charge) = self.charges.get_mut(charge) else {
            return (Value::Null, Value::Null);
        };
        let before = charge.clone();
        let refunded = charge["amount_refunded"].as_i64().unwrap_or_default() + by_cents;
        let whole = charge["amount"].as_i64() == Some(refunded);
        objects::set(charge, json!({"amount_refunded": refunded, "refunded": whole}));
        (before, charge.clone())
    }
}
