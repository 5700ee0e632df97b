//! Objects by their kind: read one by its id, expand what it refers to, or take all of a kind.

use serde_json::{Value, json};

use super::lists::Shelf;
use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::{Stripe, objects};
use crate::message::Request;

/// The kinds that [`Stripe::objects`] knows.
pub const KINDS: [&str; 12] = [
    "charges",
    "customers",
    "disputes",
    "early_fraud_warnings",
    "events",
    "invoice_payments",
    "invoices",
    "payment_intents",
    "payment_methods",
    "refunds",
    "sessions",
    "subscriptions",
];

impl Stripe {
    /// All objects of one of the [`KINDS`] as they now are, oldest first.
    ///
    /// # Panics
    /// If there is no such kind: a misspelt one would look like an empty one.
    pub fn objects(&self, kind: &str) -> Vec<&Value> {
        let (shelf, _) = self.shelf(kind).unwrap_or_else(|| panic!("Stripe has no {kind}"));
        shelf.iter().collect()
    }

    fn shelf(&self, kind: &str) -> Option<(&Shelf, &'static str)> {
        match kind {
            "charges" => Some((&self.charges, "charge")),
            "customers" => Some((&self.customers, "customer")),
            "disputes" => Some((&self.disputes, "dispute")),
            "early_fraud_warnings" => Some((&self.fraud_warnings, "early_fraud_warning")),
            "events" => Some((&self.events, "event")),
            "invoice_payments" => Some((&self.invoice_payments, "invoice_payment")),
            "invoices" => Some((&self.invoices, "invoice")),
            "payment_intents" => Some((&self.intents, "payment_intent")),
            "payment_methods" => Some((&self.methods, "PaymentMethod")),
            "refunds" => Some((&self.refunds, "refund")),
            "sessions" => Some((&self.sessions, "checkout.session")),
            "subscriptions" => Some((&self.subscriptions, "subscription")),
            _ => None,
        }
    }

    /// `GET /v1/{kind}/{id}`.
    pub(super) fn read(&self, request: &Request, kind: &str, id: &str, params: &Params) -> Outcome {
        // sessions are read below `/v1/checkout`
        let shelf = self.shelf(kind).filter(|_| !matches!(kind, "sessions" | "early_fraud_warnings"));
        let (shelf, name) = shelf.ok_or_else(|| Refusal::unrecognized(request))?;
        let object = shelf.get(id).filter(|object| kind != "events" || !self.is_forgotten(object));
        let object = object.filter(|object| !self.is_gone(object));
        let mut object = object.cloned().ok_or_else(|| Refusal::no_such(name, id, 404, "id"))?;
        if kind == "events" {
            object = self.as_listed(&object);
        }
        for name in params.texts("expand") {
            self.expand(&mut object, name)?;
        }
        Ok(object)
    }

    pub(super) fn expand(&self, object: &mut Value, name: &str) -> Result<(), Box<Refusal>> {
        if object["object"] == "invoice" && name == "payments" {
            object["payments"] = self.payments_of(objects::text(object, "id"));
            return Ok(());
        }
        let shelf = match name {
            "charge" | "latest_charge" => &self.charges,
            "customer" => &self.customers,
            "invoice" | "latest_invoice" => &self.invoices,
            "payment_intent" => &self.intents,
            "payment_method" => &self.methods,
            _ => return Err(not_expandable(name)),
        };
        match object.get(name) {
            None => return Err(not_expandable(name)),
            Some(Value::String(id)) => {
                if let Some(found) = shelf.get(id) {
                    object[name] = found.clone();
                }
            }
            // nothing there yet
            Some(_) => {}
        }
        Ok(())
    }

    /// The payments of an invoice, as it carries them where they are asked for.
    fn payments_of(&self, invoice: &str) -> Value {
        let payments: Vec<&Value> = self.payment_of(invoice).into_iter().collect();
        let url = format!("/v1/invoices/{invoice}/payments");
        json!({"object": "list", "data": payments, "has_more": false, "url": url})
    }
}

fn not_expandable(name: &str) -> Box<Refusal> {
    Refusal::invalid(format!("This property cannot be expanded ({name})."), Some("expand"))
}
