//! Customers.

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::{Stripe, objects, seconds};

/// Parameters stored as they come.
const PLAIN: [&str; 4] = ["name", "email", "description", "phone"];
/// Parameters that are accepted and leave no trace here.
const IGNORED: [&str; 8] = [
    "address",
    "expand",
    "invoice_settings",
    "payment_method",
    "preferred_locales",
    "shipping",
    "tax_exempt",
    "validate",
];

impl Stripe {
    pub(super) fn create_customer(&mut self, now_ms: u64, params: &Params) -> Outcome {
        check(params)?;
        let metadata = params.metadata("metadata")?;
        let id = self.ids.fresh("cus_", 14);
        Ok(self.new_customer(now_ms, &id, params, metadata))
    }

    pub(super) fn update_customer(&mut self, id: &str, params: &Params) -> Outcome {
        check(params)?;
        let metadata = params.metadata("metadata")?;
        let customer =
            self.customers.get_mut(id).ok_or_else(|| Refusal::no_such("customer", id, 404, "id"))?;
        for name in PLAIN {
            if let Some(value) = params.value(name) {
                customer[name] = value.clone();
            }
        }
        objects::set(&mut customer["metadata"], metadata);
        Ok(customer.clone())
    }

    pub(super) fn list_customers(&self, params: &Params) -> Outcome {
        params.only(&["limit", "starting_after", "ending_before", "created", "email", "expand"])?;
        let email = params.text("email");
        self.customers
            .page("/v1/customers", params, |customer| email.is_none_or(|email| customer["email"] == email))
    }

    /// A customer that another application made: subscriptions of the controls may name one we never saw.
    pub(super) fn ensure_customer(&mut self, now_ms: u64, id: &str) {
        if self.customers.get(id).is_none() {
            let nothing = Value::Null;
            self.new_customer(now_ms, id, &Params::new(&nothing), json!({}));
        }
    }

    fn new_customer(&mut self, now_ms: u64, id: &str, params: &Params, metadata: Value) -> Value {
        let mut customer = objects::customer();
        let prefix = self.ids.fresh("", 8).to_uppercase();
        objects::set(
            &mut customer,
            json!({"id": id, "created": seconds(now_ms), "metadata": metadata, "invoice_prefix": prefix}),
        );
        for name in PLAIN {
            customer[name] = params.text(name).map_or(Value::Null, Value::from);
        }
        self.customers.put(customer.clone());
        self.emit(now_ms, "customer.created", &customer);
        customer
    }
}

fn check(params: &Params) -> Result<(), Box<Refusal>> {
    let known: Vec<&str> = PLAIN.into_iter().chain(IGNORED).chain(["metadata"]).collect();
    params.only(&known)?;
    match params.text("email") {
        Some(email) if !email.contains('@') => {
            let message = format!("Invalid email address: {email}");
            Err(Refusal::coded("email_invalid", message, "email"))
        }
        _ => Ok(()),
    }
}
