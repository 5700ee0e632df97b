//! What a movement is the effect of.

use serde::{Deserialize, Serialize};

/// The kinds of facts and requests that move credits, each with its own space of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// A paid Checkout session, by `cs_`.
    CheckoutSession,
    /// A top-up's payment, by `pi_`.
    PaymentIntent,
    /// A paid subscription invoice, by `in_`.
    Invoice,
    /// The reversal for a refund, by `re_`.
    Refund,
    /// The reinstatement after a refund that failed or was canceled, by `re_`.
    RefundUndone,
    /// The reversal for a dispute that withdrew funds, by `dp_`.
    DisputeTaken,
    /// The reinstatement after a dispute's funds were reinstated, by `dp_`.
    DisputeReturned,
    /// A hold for contacts, by purchase id.
    ContactsHold,
    /// Its settle or release, by purchase id.
    ContactsSettle,
    /// A hold for postcards, by print job id.
    PrintHold,
    /// Its settle or release, by print job id.
    PrintSettle,
    /// A hold for a refund that finance approved, by refund request id.
    RefundHold,
    /// Its release without a refund, by refund request id.
    RefundRelease,
    /// A hold for an early fraud warning, by the hold's id.
    FraudWarning,
    /// Its release, by the hold's id.
    FraudWarningLifted,
    /// A freeze until a fraud warning's hold matches its grant again, by the guard's name.
    FraudWarningGuard,
    /// The end of that freeze, by the guard's name.
    FraudWarningGuardLifted,
    /// Pieces cancelled after the settle, by print job id and their cumulative number.
    CreditBack,
    /// A correction by finance, by request id.
    Adjustment,
    /// An imported balance, by row id.
    Opening,
    /// A lot that expired, by lot id. It is in the entry only: the account's `seq` guards against a second one.
    Expiry,
    /// A reason that freezes the account, by the object's id.
    Frozen,
    /// The end of such a reason, by the object's id.
    Unfrozen,
}

impl CauseKind {
    /// The kind as it is written in keys, entries and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CheckoutSession => "checkout-session",
            Self::PaymentIntent => "payment-intent",
            Self::Invoice => "invoice",
            Self::Refund => "refund",
            Self::RefundUndone => "refund-undone",
            Self::DisputeTaken => "dispute-taken",
            Self::DisputeReturned => "dispute-returned",
            Self::ContactsHold => "contacts-hold",
            Self::ContactsSettle => "contacts-settle",
            Self::PrintHold => "print-hold",
            Self::PrintSettle => "print-settle",
            Self::RefundHold => "refund-hold",
            Self::RefundRelease => "refund-release",
            Self::FraudWarning => "fraud-warning",
            Self::FraudWarningLifted => "fraud-warning-lifted",
            Self::FraudWarningGuard => "fraud-warning-guard",
            Self::FraudWarningGuardLifted => "fraud-warning-guard-lifted",
            Self::CreditBack => "credit-back",
            Self::Adjustment => "adjustment",
            Self::Opening => "opening",
            Self::Expiry => "expiry",
            Self::Frozen => "frozen",
            Self::Unfrozen => "unfrozen",
        }
    }
}

/// The fact or request of which a movement is the one effect: a vendor's object id or our own id, never an event id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cause {
    pub kind: CauseKind,
    pub id: String,
}

impl Cause {
    pub fn new(kind: CauseKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}
