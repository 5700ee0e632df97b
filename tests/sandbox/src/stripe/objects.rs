//! Complete objects to start from. They derive from Stripe's published samples (MIT, see each file's first
//! line), with everything that a fresh object does not have set to null.

use serde_json::{Map, Value};

pub(super) fn customer() -> Value {
    sample(include_str!("../../fixtures/customer.json"))
}

pub(super) fn checkout_session() -> Value {
    sample(include_str!("../../fixtures/checkout_session.json"))
}

pub(super) fn payment_intent() -> Value {
    sample(include_str!("../../fixtures/payment_intent.json"))
}

pub(super) fn charge() -> Value {
    sample(include_str!("../../fixtures/charge.json"))
}

pub(super) fn refund() -> Value {
    sample(include_str!("../../fixtures/refund.json"))
}

pub(super) fn dispute() -> Value {
    sample(include_str!("../../fixtures/dispute.json"))
}

pub(super) fn balance_transaction() -> Value {
    sample(include_str!("../../fixtures/balance_transaction.json"))
}

pub(super) fn payment_method() -> Value {
    sample(include_str!("../../fixtures/payment_method.json"))
}

pub(super) fn invoice_payment() -> Value {
    sample(include_str!("../../fixtures/invoice_payment.json"))
}

pub(super) fn portal_session() -> Value {
    sample(include_str!("../../fixtures/billing_portal_session.json"))
}

pub(super) fn invoice() -> Value {
    sample(include_str!("../../fixtures/invoice.json"))
}

pub(super) fn subscription() -> Value {
    sample(include_str!("../../fixtures/subscription.json"))
}

/// Writes the members of `changes` over those of `object`.
pub(super) fn set(object: &mut Value, changes: Value) {
    if let (Value::Object(object), Value::Object(changes)) = (object, changes) {
        object.extend(changes);
    }
}

/// A member of an object as text; empty when it is none.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_default()
}

fn sample(file: &str) -> Value {
    let mut file: Map<String, Value> = serde_json::from_str(file).expect("the crate's own file");
    file.remove("object").expect("the sample's object")
}
