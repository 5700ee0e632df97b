//! A card's bank warns that a charge may be fraud.

use serde::Deserialize;

use super::reference;

/// `radar.early_fraud_warning` (docs.stripe.com/api/radar/early_fraud_warnings/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EarlyFraudWarning {
    /// `issfr_…`.
    pub id: String,
    /// False in a sandbox of Stripe.
    pub livemode: bool,
    /// Neither disputed nor refunded in full since.
    #[serde(default)]
    pub actionable: bool,
    /// `ch_…`.
    #[serde(default, deserialize_with = "reference")]
    pub charge: Option<String>,
    /// `pi_…`.
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    /// What the bank calls it, for example `made_with_stolen_card`.
    #[serde(default)]
    pub fraud_type: Option<String>,
    /// When it was made.
    #[serde(default)]
    pub created: i64,
}
