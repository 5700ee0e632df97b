//! Why something is in manual review. Pure.

use serde::{Deserialize, Serialize};

/// Why money that arrived was not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewReason {
    /// Another amount than ordered.
    AmountMismatch,
    /// Another currency than USD.
    CurrencyMismatch,
    /// Another customer than the order's.
    CustomerMismatch,
    /// Not a one-time payment.
    ModeMismatch,
    /// A test payment at the live stage, or the other way round.
    LivemodeMismatch,
    /// Another Checkout session than the order's.
    SessionMismatch,
    /// The order's credits were granted for another payment.
    AlreadyGranted,
    /// The session names an order that is not on the books.
    OrderUnknown,
    /// No organization is known for the subscription's customer.
    OrganizationUnknown,
    /// A paid invoice that grants nothing by the plan, such as a change of the subscription within its period.
    GrantsNothing,
    /// The same object was reported with other contents than before.
    ContentsChanged,
    /// Money goes back that was paid before its organization was imported: its credits stand in the opening
    /// balance, and finance corrects them.
    #[serde(rename = "brought-over")]
    Imported,
    /// A card's bank warns that a payment is fraud: what is left of its credits waits for finance, who refunds the
    /// payment at Stripe or lifts the warning by dismissing it.
    EarlyFraudWarning,
    /// A known event type that does not parse, or whose contents mean nothing to us.
    NotDecidable,
}

impl ReviewReason {
    /// Whether finance may grant what is in review for this reason.
    pub(crate) fn is_grantable(self) -> bool {
        match self {
            Self::AlreadyGranted
            | Self::Imported
            | Self::EarlyFraudWarning
            | Self::OrderUnknown
            | Self::ContentsChanged
            | Self::NotDecidable
            | Self::LivemodeMismatch => false,
            Self::AmountMismatch
            | Self::CurrencyMismatch
            | Self::CustomerMismatch
            | Self::ModeMismatch
            | Self::SessionMismatch
            | Self::GrantsNothing
            | Self::OrganizationUnknown => true,
        }
    }
}
