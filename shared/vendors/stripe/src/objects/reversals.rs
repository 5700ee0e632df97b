//! Refunds and disputes, for which a payment is reversed.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::{Named, metadata, reference};
use crate::words::{DisputeStatus, RefundStatus};

/// `refund`, `re_…` (docs.stripe.com/api/refunds/object). It has no `livemode`: the event's counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refund {
    pub id: String,
    /// Of this refund alone.
    pub amount: i64,
    pub currency: String,
    #[serde(default)]
    pub status: Option<RefundStatus>,
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    #[serde(default, deserialize_with = "reference")]
    pub charge: Option<String>,
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: BTreeMap<String, String>,
    #[serde(default)]
    pub created: i64,
    /// Why it failed, for example `lost_or_stolen_card`.
    #[serde(default)]
    pub failure_reason: Option<String>,
}

/// `dispute`, `dp_…` or `du_…` (docs.stripe.com/api/disputes/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub livemode: bool,
    /// The disputed amount, which may be less than the charge.
    pub amount: i64,
    pub currency: String,
    pub status: DisputeStatus,
    #[serde(default, deserialize_with = "reference")]
    pub payment_intent: Option<String>,
    #[serde(default, deserialize_with = "reference")]
    pub charge: Option<String>,
    /// The amounts that moved for it, Stripe's fee apart: below 0 taken from us, above 0 returned. None, one or two;
    /// in cents of our account's currency, which may differ from the dispute's.
    #[serde(default, deserialize_with = "amounts")]
    pub balance_transactions: Vec<i64>,
    #[serde(default)]
    pub created: i64,
    /// The cardholder's reason, for example `fraudulent`.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Dispute {
    /// Money was taken from us, and may have been returned since.
    pub fn withdrawn(&self) -> bool {
        self.balance_transactions.iter().any(|amount| *amount < 0)
    }

    /// Money was returned to us.
    pub fn reinstated(&self) -> bool {
        let sum: i64 = self.balance_transactions.iter().fold(0, |sum, amount| sum.saturating_add(*amount));
        sum >= 0 && self.balance_transactions.iter().any(|amount| *amount > 0)
    }

    /// A question of the bank, which moves no money: every status that begins with `warning_`.
    pub fn is_inquiry(&self) -> bool {
        self.status.as_str().starts_with("warning_")
    }

    /// A dispute that is not decided, or whose decision is under appeal. An inquiry is not one.
    pub fn is_open(&self) -> bool {
        matches!(self.status, DisputeStatus::NeedsResponse | DisputeStatus::UnderReview) || self.is_appeal()
    }

    /// A decided dispute whose decision is under appeal.
    pub fn is_appeal(&self) -> bool {
        matches!(self.status, DisputeStatus::AppealNeedsResponse | DisputeStatus::AppealUnderReview)
    }

    /// Money was taken from us a second time, after it had been returned.
    pub fn withdrawn_again(&self) -> bool {
        self.withdrawals() > 1
            && self.balance_transactions.iter().any(|amount| *amount > 0)
            && !self.reinstated()
    }

    /// How often money was taken from us.
    pub fn withdrawals(&self) -> u32 {
        let taken = self.balance_transactions.iter().filter(|amount| **amount < 0).count();
        u32::try_from(taken).unwrap_or(u32::MAX)
    }

    /// Ended, as a dispute or as an inquiry. A status that this crate does not know is neither open nor closed.
    pub fn is_closed(&self) -> bool {
        matches!(
            self.status,
            DisputeStatus::Won
                | DisputeStatus::Lost
                | DisputeStatus::WarningClosed
                | DisputeStatus::Prevented
        )
    }
}

/// One without an amount fails the parse: whether money moved must not be guessed.
fn amounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i64>, D::Error> {
    #[derive(Deserialize)]
    struct BalanceTransaction {
        amount: i64,
    }
    let transactions =
        Option::<Vec<Named<BalanceTransaction>>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(transactions.into_iter().map(|Named(transaction)| transaction.amount).collect())
}
