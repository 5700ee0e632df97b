//! A payment page.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{metadata, object, reference};
use crate::words::{PaymentStatus, SessionMode, SessionStatus};

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
    /// What lies between the two.
    #[serde(default, deserialize_with = "object")]
    pub total_details: Option<TotalDetails>,
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

/// `total_details` of a session, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct TotalDetails {
    /// The sum of all discounts.
    #[serde(default)]
    pub amount_discount: i64,
    /// The sum of all taxes: those on top of the prices, and those within them.
    #[serde(default)]
    pub amount_tax: i64,
    /// Absent where nothing is sent.
    #[serde(default)]
    pub amount_shipping: Option<i64>,
}
