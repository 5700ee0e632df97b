//! A payment, the charge that it made, and the card that was charged.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Named, metadata, reference};
use crate::words::PaymentIntentStatus;

/// `payment_intent`, `pi_…` (docs.stripe.com/api/payment_intents/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "PaymentIntentOnTheWire")]
pub struct PaymentIntent {
    pub id: String,
    pub livemode: bool,
    pub status: PaymentIntentStatus,
    /// To be paid.
    pub amount: i64,
    /// Paid.
    pub amount_received: i64,
    pub currency: String,
    pub customer: Option<String>,
    /// Of the latest attempt, even a failed one.
    pub latest_charge: Option<String>,
    /// Absent after a decline.
    pub payment_method: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub created: i64,
    /// `last_payment_error.code`, for example `card_declined`: why the latest attempt failed.
    pub last_error_code: Option<String>,
    /// The receipt's page, known only where the latest charge came as a whole object.
    pub receipt_url: Option<String>,
}

/// `charge`, `ch_…`, as `charge.refunded` carries it (docs.stripe.com/api/charges/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Charge {
    pub id: String,
    pub livemode: bool,
    pub amount: i64,
    /// Cumulative over all refunds.
    pub amount_refunded: i64,
    pub currency: String,
    /// `succeeded`, `pending` or `failed`.
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: BTreeMap<String, String>,
    #[serde(default)]
    pub created: i64,
    /// The receipt's page, which also shows the refunds.
    #[serde(default)]
    pub receipt_url: Option<String>,
}

/// `payment_method`, `pm_…` (docs.stripe.com/api/payment_methods/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "PaymentMethodOnTheWire")]
pub struct PaymentMethod {
    pub id: String,
    /// Stripe's `type`, for example `card`.
    pub kind: String,
    pub created: i64,
    /// `card.brand`, for example `visa`; absent for another kind.
    pub brand: Option<String>,
    /// `card.last4`, the card number's last four digits; absent for another kind.
    pub last4: Option<String>,
}

#[derive(Deserialize)]
struct PaymentIntentOnTheWire {
    id: String,
    livemode: bool,
    status: PaymentIntentStatus,
    amount: i64,
    #[serde(default)]
    amount_received: i64,
    currency: String,
    #[serde(default, deserialize_with = "reference")]
    customer: Option<String>,
    #[serde(default, deserialize_with = "charge_and_receipt")]
    latest_charge: (Option<String>, Option<String>),
    #[serde(default, deserialize_with = "reference")]
    payment_method: Option<String>,
    #[serde(default, deserialize_with = "metadata")]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    last_payment_error: Option<Named<PaymentError>>,
}

#[derive(Deserialize)]
struct PaymentError {
    #[serde(default)]
    code: Option<String>,
}

impl From<PaymentIntentOnTheWire> for PaymentIntent {
    fn from(wire: PaymentIntentOnTheWire) -> Self {
        let (latest_charge, receipt_url) = wire.latest_charge;
        Self {
            id: wire.id,
            livemode: wire.livemode,
            status: wire.status,
            amount: wire.amount,
            amount_received: wire.amount_received,
            currency: wire.currency,
            customer: wire.customer,
            latest_charge,
            payment_method: wire.payment_method,
            metadata: wire.metadata,
            created: wire.created,
            last_error_code: wire.last_payment_error.and_then(|Named(error)| error.code),
            receipt_url,
        }
    }
}

/// The latest charge's id, and its `receipt_url` where the charge is a whole object.
fn charge_and_receipt<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<(Option<String>, Option<String>), D::Error> {
    let charge = Value::deserialize(deserializer)?;
    let receipt = charge.get("receipt_url").and_then(Value::as_str).map(str::to_owned);
    let id = reference(charge).map_err(serde::de::Error::custom)?;
    Ok((id, receipt))
}

#[derive(Deserialize)]
struct PaymentMethodOnTheWire {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    card: Option<Named<Card>>,
}

#[derive(Deserialize, Default)]
struct Card {
    #[serde(default)]
    brand: Option<String>,
    #[serde(default)]
    last4: Option<String>,
}

impl From<PaymentMethodOnTheWire> for PaymentMethod {
    fn from(wire: PaymentMethodOnTheWire) -> Self {
        let card = wire.card.map(|Named(card)| card).unwrap_or_default();
        Self { id: wire.id, kind: wire.kind, created: wire.created, brand: card.brand, last4: card.last4 }
    }
}
