//! The few fields of Stripe's objects that anybody decides on, the same from an answer and from an event.
//!
//! Read tolerantly: fields we do not name are ignored, what Stripe may leave out or send as null is an
//! `Option`, and a reference may be an id or the whole object (docs.stripe.com/api/expanding_objects).
//! Amounts are integer cents of `currency`, which is in lower case; instants are unix seconds.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::words::{
    BillingReason, DisputeStatus, InvoiceStatus, PaymentIntentStatus, PaymentStatus, RefundStatus,
    SessionMode, SessionStatus,
};

/// `checkout.session` (docs.stripe.com/api/checkout/sessions/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CheckoutSession {
    /// `cs_…`.
    pub id: String,
    /// False in a sandbox of Stripe.
    pub livemode: bool,
    /// What the session is for.
    pub mode: SessionMode,
    /// Whether the customer has finished.
    #[serde(default)]
    pub status: Option<SessionStatus>,
    /// Whether the money is there.
    pub payment_status: PaymentStatus,
    /// Before discounts and taxes.
    #[serde(default)]
    pub amount_subtotal: Option<i64>,
    /// After discounts and taxes.
    #[serde(default)]
    pub amount_total: Option<i64>,
    /// ISO code in lower case.
    #[serde(default)]
    pub currency: Option<String>,
    /// `cus_…`.
    #[serde(default, deserialize_with = "reference")]
    pub customer: Option<String>,
    /// `pi_…`; absent until there is one.
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    /// What the creator of the session put there.
    #[serde(default)]
    pub client_reference_id: Option<String>,
    /// What the creator of the session put there.
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: BTreeMap<String, String>,
    /// The payment page; only while the session is open.
    #[serde(default)]
    pub url: Option<String>,
    /// When the payment page stops working.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// `payment_intent` (docs.stripe.com/api/payment_intents/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PaymentIntent {
    /// `pi_…`.
    pub id: String,
    /// False in a sandbox of Stripe.
    pub livemode: bool,
    /// Where the payment stands.
    pub status: PaymentIntentStatus,
    /// What is to be paid.
    pub amount: i64,
    /// What was paid.
    #[serde(default)]
    pub amount_received: i64,
    /// ISO code in lower case.
    pub currency: String,
    /// `cus_…`.
    #[serde(default, deserialize_with = "reference")]
    pub customer: Option<String>,
    /// What the creator put there.
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: BTreeMap<String, String>,
}

/// `invoice` in its shape since the basil train: the subscription stands under `parent`
/// (docs.stripe.com/api/invoices/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "InvoiceOnTheWire")]
pub struct Invoice {
    /// `in_…`.
    pub id: String,
    /// False in a sandbox of Stripe.
    pub livemode: bool,
    /// Where the invoice stands.
    pub status: Option<InvoiceStatus>,
    /// Why it exists.
    pub billing_reason: Option<BillingReason>,
    /// What was paid; 0 for a trial.
    pub amount_paid: i64,
    /// ISO code in lower case.
    pub currency: String,
    /// `cus_…`.
    pub customer: Option<String>,
    /// `sub_…`, of an invoice of a subscription.
    pub subscription: Option<String>,
    /// The invoice's own.
    pub metadata: BTreeMap<String, String>,
    /// The subscription's, as it was when the invoice was finalized.
    pub subscription_metadata: BTreeMap<String, String>,
    /// When it was paid.
    pub paid_at: Option<i64>,
}

/// `charge`, as `charge.refunded` carries it (docs.stripe.com/api/charges/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Charge {
    /// `ch_…`.
    pub id: String,
    /// False in a sandbox of Stripe.
    pub livemode: bool,
    /// What was charged.
    pub amount: i64,
    /// Of that, refunded so far: cumulative over all refunds.
    pub amount_refunded: i64,
    /// ISO code in lower case.
    pub currency: String,
    /// `succeeded`, `pending` or `failed`.
    #[serde(default)]
    pub status: Option<String>,
    /// `pi_…`.
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    /// What the creator put there.
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: BTreeMap<String, String>,
}

/// `refund` (docs.stripe.com/api/refunds/object). It has no `livemode`: the event's counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refund {
    /// `re_…`.
    pub id: String,
    /// Of this refund alone.
    pub amount: i64,
    /// ISO code in lower case.
    pub currency: String,
    /// Where the refund stands.
    #[serde(default)]
    pub status: Option<RefundStatus>,
    /// `pi_…`.
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    /// `ch_…`.
    #[serde(default, deserialize_with = "reference")]
    pub charge: Option<String>,
    /// What the creator put there.
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: BTreeMap<String, String>,
}

/// `dispute` (docs.stripe.com/api/disputes/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Dispute {
    /// `dp_…` or `du_…`.
    pub id: String,
    /// False in a sandbox of Stripe.
    pub livemode: bool,
    /// What is disputed; may be less than the charge.
    pub amount: i64,
    /// ISO code in lower case.
    pub currency: String,
    /// Where the dispute stands; `warning_*` is an inquiry.
    pub status: DisputeStatus,
    /// `pi_…`.
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    /// `ch_…`.
    #[serde(default, deserialize_with = "reference")]
    pub charge: Option<String>,
}

#[derive(Deserialize)]
struct InvoiceOnTheWire {
    id: String,
    livemode: bool,
    #[serde(default)]
    status: Option<InvoiceStatus>,
    #[serde(default)]
    billing_reason: Option<BillingReason>,
    amount_paid: i64,
    currency: String,
    #[serde(default, deserialize_with = "reference")]
    customer: Option<String>,
    #[serde(default, deserialize_with = "metadata")]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    parent: Option<Parent>,
    #[serde(default)]
    status_transitions: Option<StatusTransitions>,
}

#[derive(Deserialize)]
struct Parent {
    #[serde(default)]
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Deserialize, Default)]
struct SubscriptionDetails {
    #[serde(default, deserialize_with = "reference")]
    subscription: Option<String>,
    #[serde(default, deserialize_with = "metadata")]
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct StatusTransitions {
    #[serde(default)]
    paid_at: Option<i64>,
}

impl From<InvoiceOnTheWire> for Invoice {
    fn from(wire: InvoiceOnTheWire) -> Self {
        let details = wire.parent.and_then(|parent| parent.subscription_details).unwrap_or_default();
        Self {
            id: wire.id,
            livemode: wire.livemode,
            status: wire.status,
            billing_reason: wire.billing_reason,
            amount_paid: wire.amount_paid,
            currency: wire.currency,
            customer: wire.customer,
            subscription: details.subscription,
            metadata: wire.metadata,
            subscription_metadata: details.metadata,
            paid_at: wire.status_transitions.and_then(|transitions| transitions.paid_at),
        }
    }
}

/// A reference to another object: its id, the whole object, or null.
fn reference<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    use serde_json::Value;
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(id) => Ok(Some(id)),
        Value::Object(mut object) => match object.remove("id") {
            Some(Value::String(id)) => Ok(Some(id)),
            _ => Err(serde::de::Error::custom("an expanded object without an id")),
        },
        _ => Err(serde::de::Error::custom("neither an id nor an object")),
    }
}

/// Stripe sends null for metadata that was never set on some objects.
fn metadata<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::<BTreeMap<String, String>>::deserialize(deserializer)?.unwrap_or_default())
}
