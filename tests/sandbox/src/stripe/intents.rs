//! Payment intents: those of Checkout, and those charged off session to a saved method.

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::{Stripe, objects, seconds};

const KNOWN: [&str; 16] = [
    "amount",
    "currency",
    "customer",
    "payment_method",
    "payment_method_types",
    "off_session",
    "confirm",
    "metadata",
    "description",
    "setup_future_usage",
    "expand",
    "automatic_payment_methods",
    "error_on_requires_action",
    "receipt_email",
    "statement_descriptor_suffix",
    "capture_method",
];

/// What an intent is made of.
pub(super) struct NewIntent {
    /// Cents.
    pub(super) amount: i64,
    pub(super) currency: Value,
    pub(super) customer: Value,
    pub(super) metadata: Value,
    pub(super) description: Value,
    pub(super) setup_future_usage: Value,
    pub(super) payment_method: String,
    pub(super) method_type: &'static str,
}

impl Stripe {
    /// An intent that has not been paid yet; its id.
    pub(super) fn new_intent(&mut self, now_ms: u64, new: NewIntent) -> String {
        let id = self.ids.fresh("pi_3", 23);
        let secret = self.ids.fresh(&format!("{id}_secret_"), 25);
        let mut intent = objects::payment_intent();
        objects::set(
            &mut intent,
            json!({
                "id": id,
                "amount": new.amount,
                "currency": new.currency,
                "customer": new.customer,
                "metadata": new.metadata,
                "description": new.description,
                "setup_future_usage": new.setup_future_usage,
                "payment_method": new.payment_method,
                "payment_method_types": [new.method_type],
                "client_secret": secret,
                "created": seconds(now_ms),
            }),
        );
        self.intents.put(intent.clone());
        self.emit(now_ms, "payment_intent.created", &intent);
        id
    }

    /// The money is there: a charge, and the events of both.
    pub(super) fn succeed(&mut self, now_ms: u64, intent: &str) -> Value {
        let charge = self.new_charge(now_ms, intent);
        let amount = charge["amount"].clone();
        let changes = json!({
            "status": "succeeded",
            "amount_received": amount,
            "latest_charge": charge["id"],
            "processing": null,
        });
        let intent = self.change_intent(intent, changes);
        self.emit(now_ms, "charge.succeeded", &charge);
        self.emit(now_ms, "payment_intent.succeeded", &intent);
        intent
    }

    /// The money is not coming.
    pub(super) fn fail(&mut self, now_ms: u64, intent: &str, code: &str, message: &str) -> Value {
        let changes = json!({
            "status": "requires_payment_method",
            "processing": null,
            "payment_method": null,
            "last_payment_error": {"type": "card_error", "code": code, "message": message},
        });
        let intent = self.change_intent(intent, changes);
        self.emit(now_ms, "payment_intent.payment_failed", &intent);
        intent
    }

    pub(super) fn change_intent(&mut self, id: &str, changes: Value) -> Value {
        match self.intents.get_mut(id) {
            Some(intent) => {
                objects::set(intent, changes);
                intent.clone()
            }
            None => Value::Null,
        }
    }

    /// Charges a saved method, or refuses with 402 as the test methods' names promise.
    pub(super) fn create_intent(&mut self, now_ms: u64, params: &Params) -> Outcome {
        params.only(&KNOWN)?;
        let amount = params.integer("amount")?.ok_or_else(|| Refusal::missing("amount"))?;
        if !(50..=99_999_999).contains(&amount) {
            let message = "Amount must be at least $0.50 usd and at most $999,999.99 usd".to_owned();
            return Err(Refusal::coded("amount_too_small", message, "amount"));
        }
        let currency = params.required("currency")?.to_ascii_lowercase();
        let customer = params.text("customer");
        if let Some(customer) = customer.filter(|customer| self.customers.get(customer).is_none()) {
            return Err(Refusal::no_such("customer", customer, 400, "customer"));
        }
        let confirmed = params.flag("confirm")?;
        if params.flag("off_session")? && !confirmed {
            let message = "`off_session` can only be used together with `confirm=true`.".to_owned();
            return Err(Refusal::invalid(message, Some("off_session")));
        }
        let method = params.text("payment_method");
        if confirmed && method.is_none() {
            let message =
                "You cannot confirm this PaymentIntent because it's missing a payment method.".to_owned();
            return Err(Refusal::coded("payment_intent_unexpected_state", message, "payment_method"));
        }
        let method = method.unwrap_or_default().to_owned();
        let metadata = params.metadata("metadata")?;
        let text = |name: &str| params.text(name).map_or(Value::Null, Value::from);
        let id = self.new_intent(
            now_ms,
            NewIntent {
                amount,
                currency: Value::from(currency),
                customer: text("customer"),
                metadata,
                description: text("description"),
                setup_future_usage: text("setup_future_usage"),
                payment_method: method.clone(),
                method_type: "card",
            },
        );
        if !confirmed {
            return Ok(self.change_intent(&id, json!({"payment_method": text("payment_method")})));
        }
        let (code, message) = match method.as_str() {
            "pm_card_authenticationRequired" => (
                "authentication_required",
                "Your card was declined. This transaction requires authentication.",
            ),
            "pm_card_chargeCustomerFail" | "pm_card_chargeDeclined" => {
                ("card_declined", "Your card was declined.")
            }
            _ => return Ok(self.succeed(now_ms, &id)),
        };
        let intent = self.fail(now_ms, &id, code, message);
        Err(Refusal::declined(code, message, intent))
    }

    pub(super) fn list_intents(&self, params: &Params) -> Outcome {
        params.only(&["limit", "starting_after", "ending_before", "created", "customer", "expand"])?;
        let customer = params.text("customer");
        self.intents.page("/v1/payment_intents", params, |intent| {
            customer.is_none_or(|customer| intent["customer"] == customer)
        })
    }
}
