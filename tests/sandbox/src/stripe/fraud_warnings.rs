//! Early fraud warnings of Radar: a card's bank says that a charge may be fraud.

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::{Stripe, seconds};

const KINDS: [&str; 7] = [
    "card_never_received",
    "fraudulent_card_application",
    "made_with_counterfeit_card",
    "made_with_lost_card",
    "made_with_stolen_card",
    "misc",
    "unauthorized_use_of_card",
];

impl Stripe {
    /// A card's bank warns of a payment. The error is a sentence.
    pub fn warn_of_fraud(
        &mut self,
        now_ms: u64,
        payment_intent: &str,
        fraud_type: &str,
    ) -> Result<Value, String> {
        let charge = self.charge_of(payment_intent).and_then(|charge| self.charges.get(&charge));
        let charge = charge.cloned().ok_or_else(|| format!("There is no charge of {payment_intent}."))?;
        if !KINDS.contains(&fraud_type) {
            return Err(format!("A warning's fraud_type is one of {}.", KINDS.join(", ")));
        }
        let warning = json!({
            "id": self.ids.fresh("issfr_1", 23),
            "object": "radar.early_fraud_warning",
            "actionable": charge["refunded"] != true && charge["disputed"] != true,
            "charge": charge["id"],
            "created": seconds(now_ms),
            "fraud_type": fraud_type,
            "livemode": false,
            "payment_intent": payment_intent,
        });
        self.fraud_warnings.put(warning.clone());
        self.emit(now_ms, "radar.early_fraud_warning.created", &warning);
        Ok(warning)
    }

    pub(super) fn read_fraud_warning(&self, id: &str) -> Outcome {
        let found = self.fraud_warnings.get(id).cloned();
        found.ok_or_else(|| Refusal::no_such("early_fraud_warning", id, 404, "early_fraud_warning"))
    }

    pub(super) fn list_fraud_warnings(&self, params: &Params) -> Outcome {
        params.only(&[
            "limit",
            "starting_after",
            "ending_before",
            "created",
            "charge",
            "payment_intent",
            "expand",
        ])?;
        self.fraud_warnings.page("/v1/radar/early_fraud_warnings", params, |warning| {
            params.accepts("charge", &warning["charge"])
                && params.accepts("payment_intent", &warning["payment_intent"])
        })
    }
}
