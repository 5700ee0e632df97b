//! Early fraud warnings: a card's bank warns that a charge may be fraud.

use serde::Deserialize;

use super::reference;

/// `radar.early_fraud_warning`, `issfr_…` (docs.stripe.com/api/radar/early_fraud_warnings/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EarlyFraudWarning {
    pub id: String,
    pub livemode: bool,
    /// Neither disputed nor refunded in full since.
    #[serde(default)]
    pub actionable: bool,
    #[serde(default, deserialize_with = "reference")]
    pub charge: Option<String>,
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    /// The bank's name for it, for example `made_with_stolen_card`.
    #[serde(default)]
    pub fraud_type: Option<String>,
    #[serde(default)]
    pub created: i64,
}
