//! A Checkout session.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{metadata, object, reference};
use crate::words::{PaymentStatus, SessionMode, SessionStatus};

/// `checkout.session`, `cs_…` (docs.stripe.com/api/checkout/sessions/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CheckoutSession {
    pub id: String,
    pub livemode: bool,
    pub mode: SessionMode,
    #[serde(default)]
    pub status: Option<SessionStatus>,
    pub payment_status: PaymentStatus,
    /// Before discounts and taxes.
    #[serde(default)]
    pub amount_subtotal: Option<i64>,
    /// After discounts and taxes.
    #[serde(default)]
    pub amount_total: Option<i64>,
    /// The difference of the two.
    #[serde(default, deserialize_with = "object")]
    pub total_details: Option<TotalDetails>,
    #[serde(default)]
    pub currency: Option<String>,
    #[serde(default, deserialize_with = "reference")]
    pub customer: Option<String>,
    /// Absent until there is one.
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    /// Set by the creator of the session.
    #[serde(default)]
    pub client_reference_id: Option<String>,
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: BTreeMap<String, String>,
    /// The payment page; only while the session is open.
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// `total_details` of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct TotalDetails {
    /// The sum of all discounts.
    #[serde(default)]
    pub amount_discount: i64,
    /// The sum of all taxes, on top of the prices and within them.
    #[serde(default)]
    pub amount_tax: i64,
    /// Absent where nothing is shipped.
    #[serde(default)]
    pub amount_shipping: Option<i64>,
}
