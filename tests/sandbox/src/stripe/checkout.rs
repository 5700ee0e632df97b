//! What happens when the customer pays, pays later, or the delayed money arrives or fails.

use serde_json::{Value, json};

use super::cards::Decline;
use super::intents::NewIntent;
use super::sessions::Draft;
use super::{Stripe, objects};

/// The card that the payment page uses, unless it is to be saved.
const CARD: &str = "pm_card_visa";

impl Stripe {
    /// Pays an open session as its page does. `delayed`: the customer is done, the money comes later. The
    /// error is a sentence.
    pub fn pay_session(&mut self, now_ms: u64, id: &str, delayed: bool) -> Result<Value, String> {
        self.pay_session_by(now_ms, id, if delayed { "us_bank_account" } else { "card" })
    }

    /// Pays an open session with a type of method that its page offers: `card`, `link`, or `us_bank_account`, whose
    /// money comes later. The error is a sentence.
    pub fn pay_session_by(&mut self, now_ms: u64, id: &str, method_type: &str) -> Result<Value, String> {
        self.expire_due(now_ms);
        let session = self.sessions.get(id).cloned().ok_or_else(|| format!("No such session: {id}"))?;
        let draft = self.drafts.get(id).cloned().ok_or_else(|| format!("No such session: {id}"))?;
        if session["status"] != "open" {
            return Err(format!("This session is {}.", objects::text(&session, "status")));
        }
        let offered = ["card", "link", "us_bank_account"].into_iter().find(|kind| *kind == method_type);
        let offered = offered.filter(|kind| offers(&session, kind));
        let method_type = offered.ok_or_else(|| format!("This page does not offer {method_type}."))?;
        let delayed = method_type == "us_bank_account";
        self.close_session(&session);
        let customer = self.payer(now_ms, &session, &draft);
        let saved = !delayed && !draft.setup_future_usage.is_null();
        let method = if saved { self.ids.fresh("pm_1", 23) } else { CARD.to_owned() };
        let intent = self.new_intent(
            now_ms,
            NewIntent {
                amount: session["amount_total"].as_i64().unwrap_or_default(),
                currency: session["currency"].clone(),
                customer: customer.clone(),
                metadata: draft.intent_metadata,
                description: draft.intent_description,
                setup_future_usage: draft.setup_future_usage,
                payment_method: Value::from(method.as_str()),
                method_type,
            },
        );
        let payer = customer_details(&session);
        if saved {
            self.attach_method(now_ms, (&method, method_type), &customer, &payer);
        }
        let changes = json!({
            "status": "complete",
            "url": null,
            "customer": customer,
            "customer_details": payer,
            "payment_intent": intent,
        });
        self.change_session(id, changes);
        if delayed {
            self.begin_processing(now_ms, &intent, method_type);
            let session = self.change_session(id, json!({}));
            self.emit(now_ms, "checkout.session.completed", &session);
            return Ok(session);
        }
        self.succeed(now_ms, &intent);
        let invoice = self.receipt(now_ms, &session, &customer, &intent, draft.with_invoice);
        let session = self.change_session(id, json!({"payment_status": "paid", "invoice": invoice}));
        self.emit(now_ms, "checkout.session.completed", &session);
        Ok(session)
    }

    /// Ends a delayed payment: the money arrives, or not. The error is a sentence.
    pub fn complete_delayed(&mut self, now_ms: u64, id: &str, succeeded: bool) -> Result<Value, String> {
        let session = self.sessions.get(id).cloned().ok_or_else(|| format!("No such session: {id}"))?;
        let intent = objects::text(&session, "payment_intent").to_owned();
        let processing = self.intents.get(&intent).is_some_and(|intent| intent["status"] == "processing");
        if !processing {
            return Err("This session has no delayed payment under way.".to_owned());
        }
        if !succeeded {
            let decline = Decline {
                code: "payment_intent_payment_attempt_failed",
                decline_code: None,
                message: "The bank returned the payment: insufficient funds.",
            };
            self.fail(now_ms, &intent, decline);
            self.emit(now_ms, "checkout.session.async_payment_failed", &session);
            return Ok(session);
        }
        self.succeed(now_ms, &intent);
        let with_invoice = self.drafts.get(id).is_some_and(|draft| draft.with_invoice);
        let invoice = self.receipt(now_ms, &session, &session["customer"], &intent, with_invoice);
        let session = self.change_session(id, json!({"payment_status": "paid", "invoice": invoice}));
        self.emit(now_ms, "checkout.session.async_payment_succeeded", &session);
        Ok(session)
    }

    /// Expires an open session by hand. The error is a sentence.
    pub fn expire_by_hand(&mut self, now_ms: u64, id: &str) -> Result<Value, String> {
        match self.expire_session(now_ms, id) {
            Ok(session) => Ok(session),
            Err(_) => Err(format!("There is no open session {id}.")),
        }
    }

    /// The session's customer; made now if the session asks for one.
    fn payer(&mut self, now_ms: u64, session: &Value, draft: &Draft) -> Value {
        // a card that is saved is saved for somebody
        let wanted = draft.with_customer || !draft.setup_future_usage.is_null();
        if !wanted || !session["customer"].is_null() {
            return session["customer"].clone();
        }
        let id = self.ids.fresh("cus_", 14);
        self.ensure_customer(now_ms, &id);
        Value::from(id)
    }

    /// The invoice after a one-time payment, where the session asked for one.
    fn receipt(
        &mut self,
        now_ms: u64,
        session: &Value,
        customer: &Value,
        intent: &str,
        wanted: bool,
    ) -> Value {
        if !wanted {
            return Value::Null;
        }
        let amount = session["amount_total"].as_i64().unwrap_or_default();
        let metadata = session["metadata"].clone();
        self.receipt_invoice(now_ms, customer, amount, metadata, intent)["id"].clone()
    }

    /// Where the browser goes after paying.
    pub(super) fn success_location(session: &Value) -> String {
        objects::text(session, "success_url").replace("{CHECKOUT_SESSION_ID}", objects::text(session, "id"))
    }
}

fn customer_details(session: &Value) -> Value {
    let email = match &session["customer_email"] {
        Value::Null => Value::from("customer@example.com"),
        given => given.clone(),
    };
    json!({
        "address": {
            "city": null, "country": "US", "line1": null, "line2": null, "postal_code": "94102",
            "state": null,
        },
        "business_name": null, "email": email, "individual_name": null, "name": "Test Customer",
        "phone": null, "tax_exempt": "none", "tax_ids": [],
    })
}

/// Whether a session's page offers a type of method.
pub(super) fn offers(session: &Value, method_type: &str) -> bool {
    session["payment_method_types"]
        .as_array()
        .is_some_and(|offered| offered.iter().any(|kind| kind == method_type))
}
