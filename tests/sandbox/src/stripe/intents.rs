//! Payment intents: those of Checkout, and those charged off session to a saved method.

use serde_json::{Value, json};

use super::cards::{CardBehaviour, Decline};
use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::vocabulary::INTENT;
use super::{Stripe, objects, seconds};

pub(super) struct NewIntent {
    /// Cents.
    pub(super) amount: i64,
    pub(super) currency: Value,
    pub(super) customer: Value,
    pub(super) metadata: Value,
    pub(super) description: Value,
    pub(super) setup_future_usage: Value,
    pub(super) payment_method: Value,
    pub(super) method_type: &'static str,
}

impl Stripe {
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

    pub(super) fn begin_processing(&mut self, now_ms: u64, intent: &str, method_type: &str) -> Value {
        let changes = json!({"status": "processing", "processing": {"type": method_type}});
        let intent = self.change_intent(intent, changes);
        self.emit(now_ms, "payment_intent.processing", &intent);
        intent
    }

    pub(super) fn fail(&mut self, now_ms: u64, intent: &str, decline: Decline) -> Value {
        let method = self.intents.get(intent).and_then(|intent| intent["payment_method"].as_str());
        let method = method.and_then(|method| self.methods.get(method)).cloned();
        let mut error = json!({
            "type": "card_error", "code": decline.code, "message": decline.message, "payment_method": method,
        });
        if let Some(decline_code) = decline.decline_code {
            error["decline_code"] = Value::from(decline_code);
        }
        let changes = json!({
            "status": "requires_payment_method",
            "processing": null,
            "payment_method": null,
            "last_payment_error": error,
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

    /// Charges a saved method, or refuses with 402 as the customer's cards behave or the test method's name
    /// promises.
    pub(super) fn create_intent(&mut self, now_ms: u64, params: &Params) -> Outcome {
        params.shaped(INTENT)?;
        check_together(params)?;
        let amount = params.integer("amount")?.ok_or_else(|| Refusal::missing("amount"))?;
        if !(50..=99_999_999).contains(&amount) {
            let message = "Amount must be at least $0.50 usd and at most $999,999.99 usd".to_owned();
            return Err(Refusal::coded("amount_too_small", message, "amount"));
        }
        let currency = params.required("currency")?.to_ascii_lowercase();
        let behaviour = self.check_intent(params)?;
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
                payment_method: text("payment_method"),
                method_type: self.type_of(params.text("payment_method")),
            },
        );
        let Some(behaviour) = behaviour else {
            return Ok(self.change_intent(&id, json!({})));
        };
        let Some(decline) = behaviour.decline() else {
            return Ok(match behaviour {
                CardBehaviour::Processing => self.begin_processing(now_ms, &id, "card"),
                _ => self.succeed(now_ms, &id),
            });
        };
        let intent = self.fail(now_ms, &id, decline);
        Err(Refusal::declined(decline, intent))
    }

    /// What must be right before an intent is made. `None` where it is not to be confirmed.
    fn check_intent(&self, params: &Params) -> Result<Option<CardBehaviour>, Box<Refusal>> {
        let customer = params.text("customer");
        if let Some(customer) = customer.filter(|customer| self.customers.get(customer).is_none()) {
            return Err(Refusal::no_such("customer", customer, 400, "customer"));
        }
        let confirmed = params.flag("confirm")?;
        if params.flag("off_session")? && !confirmed {
            let message = "`off_session` can only be used together with `confirm=true`.".to_owned();
            return Err(Refusal::invalid(message, Some("off_session")));
        }
        let Some(method) = params.text("payment_method") else {
            let message =
                "You cannot confirm this PaymentIntent because it's missing a payment method.".to_owned();
            return match confirmed {
                true => Err(Refusal::coded("payment_intent_unexpected_state", message, "payment_method")),
                false => Ok(None),
            };
        };
        let behaviour = self.behaviour_of(method, customer)?;
        self.check_method(method, params)?;
        if confirmed {
            check_return(params)?;
        }
        Ok(confirmed.then_some(behaviour))
    }

    /// Ends a card payment that is `processing`: the money is there, or declined. The error is a sentence.
    pub fn settle_intent(&mut self, now_ms: u64, id: &str, succeeded: bool) -> Result<Value, String> {
        let intent = self.intents.get(id).ok_or_else(|| format!("No such payment_intent: {id}"))?;
        if intent["status"] != "processing" {
            return Err(format!("This payment is {}.", objects::text(intent, "status")));
        }
        if let Some(session) = self.session_of(id) {
            return Err(format!("This payment belongs to the session {session}: complete that."));
        }
        Ok(match succeeded {
            true => self.succeed(now_ms, id),
            false => self.fail(now_ms, id, Decline::GENERIC),
        })
    }

    /// Ends an intent that is not paid, for good.
    pub(super) fn cancel_intent(&mut self, now_ms: u64, id: &str, params: &Params) -> Outcome {
        params.only(&["cancellation_reason", "expand"])?;
        let intent = self.intents.get(id);
        let intent = intent.ok_or_else(|| Refusal::no_such("payment_intent", id, 404, "intent"))?;
        if self.is_gone(intent) {
            return Err(Refusal::no_such("payment_intent", id, 404, "intent"));
        }
        let status = objects::text(intent, "status");
        if matches!(status, "succeeded" | "canceled") {
            let message = format!(
                "You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent \
                 with one of the following statuses may be canceled: requires_payment_method, \
                 requires_capture, requires_confirmation, requires_action, processing."
            );
            return Err(Refusal::unexpected_state(message, intent.clone()));
        }
        // theirs to end: a session is expired, an invoice is voided
        if self.session_of(id).is_some() || self.is_of_invoice(id) {
            let message = "A PaymentIntent of a Checkout Session or an Invoice cannot be canceled by itself.";
            return Err(Refusal::invalid(message.to_owned(), None));
        }
        let changes = json!({
            "status": "canceled",
            "canceled_at": seconds(now_ms),
            "cancellation_reason": params.text("cancellation_reason"),
            "processing": null,
        });
        let intent = self.change_intent(id, changes);
        self.emit(now_ms, "payment_intent.canceled", &intent);
        Ok(intent)
    }

    fn session_of(&self, intent: &str) -> Option<&str> {
        let session = self.sessions.iter().find(|session| session["payment_intent"] == intent);
        session.map(|session| objects::text(session, "id"))
    }

    pub(super) fn list_intents(&self, params: &Params) -> Outcome {
        params.only(&["limit", "starting_after", "ending_before", "created", "customer", "expand"])?;
        self.intents.page("/v1/payment_intents", params, |intent| {
            params.accepts("customer", &intent["customer"]) && !self.is_gone(intent)
        })
    }

    /// A method of a type that the payment does not take is refused.
    fn check_method(&self, method: &str, params: &Params) -> Result<(), Box<Refusal>> {
        let allowed = params.texts("allowed_payment_method_types");
        let kind = self.methods.get(method).map_or("card", |method| objects::text(method, "type"));
        if allowed.is_empty() || allowed.contains(&kind) {
            return Ok(());
        }
        let message = format!(
            "The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent. Please attach a \
             PaymentMethod of one of the following types: {}.",
            allowed.join(", ")
        );
        Err(Refusal::invalid(message, Some("payment_method")))
    }
}

/// Methods are chosen automatically, and one of them may send the customer elsewhere: a confirmation says where they
/// come back to, also where it charges a saved card, and where the choice is filtered.
fn check_return(params: &Params) -> Result<(), Box<Refusal>> {
    let stays = params.text("automatic_payment_methods/allow_redirects") == Some("never");
    if params.text("return_url").is_some() || stays {
        return Ok(());
    }
    let message = "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because \
                   some of these payment methods might redirect your customer off of your page, you must provide \
                   a `return_url`. If you don't want to accept redirect-based payment methods, set \
                   `automatic_payment_methods[enabled]` to `true` and \
                   `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment \
                   Intents."
        .to_owned();
    Err(Refusal::invalid(message, None))
}

/// What excludes each other, and what is no address.
fn check_together(params: &Params) -> Result<(), Box<Refusal>> {
    let allowed = !params.texts("allowed_payment_method_types").is_empty();
    if allowed && params.value("automatic_payment_methods").is_some() {
        let message = "You may only specify one of these parameters: allowed_payment_method_types, \
                       automatic_payment_methods."
            .to_owned();
        return Err(Refusal::invalid(message, Some("automatic_payment_methods")));
    }
    let Some(url) = params.text("return_url") else { return Ok(()) };
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(Refusal::coded("url_invalid", "Not a valid URL".to_owned(), "return_url"));
    }
    match params.flag("confirm")? {
        true => Ok(()),
        false => {
            let message = "`return_url` can only be used together with `confirm=true`.".to_owned();
            Err(Refusal::invalid(message, Some("return_url")))
        }
    }
}
