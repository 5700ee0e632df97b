//! Why something is in manual review. Pure.

use serde::{Deserialize, Serialize};

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
    /// A payment from before its organization's import is refunded or disputed: its credits are part of the opening
    /// balance, and finance corrects them.
    #[serde(rename = "brought-over")]
    Imported,
    /// A card's bank warns that a payment is fraud: its unspent credits are on hold until finance refunds the payment
    /// at Stripe or lifts the warning by dismissing it.
    EarlyFraudWarning,
    /// An event of a known type that cannot be read, or whose contents cannot be decided.
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
