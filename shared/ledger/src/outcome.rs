//! The four outcomes of a movement: receipt, replay, refusal, failure.

use crate::{EntryKind, FrozenReason, HoldStatus, Purpose};
use money::{Money, MoneyError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tables::TableFailure;
use terms::{Failing, Fingerprint, HoldId, Meaning, OrganizationId, Timestamp};

/// The result of a movement, as it is stored with its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub organization: OrganizationId,
    /// The entry's number.
    pub seq: u64,
    pub kind: EntryKind,
    /// The entry's amount.
    pub amount: Money,
    /// Available credits after the whole movement.
    pub available_after: Money,
    /// Held credits after the whole movement.
    pub held_after: Money,
    /// The hold that was opened or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    pub recorded_at: Timestamp,
    /// The response that the caller first got, for replays.
    #[serde(skip)]
    pub answer: Option<Value>,
}

/// A movement that is on the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// Written by this call.
    Receipt(Receipt),
    /// Written before, for the same cause and with the same fingerprint: the first receipt.
    Replay(Receipt),
}

impl Posted {
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        match self {
            Self::Receipt(receipt) | Self::Replay(receipt) => receipt,
        }
    }

    #[must_use]
    pub fn is_replay(&self) -> bool {
        matches!(self, Self::Replay(_))
    }
}

/// What is on the books for a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The hash of the cause's content.
    pub fingerprint: Fingerprint,
    pub receipt: Receipt,
}

/// Why a movement is not carried out: nothing was written, and the same cause may succeed later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{required} credits are needed and {available} are available")]
    InsufficientCredits { required: Money, available: Money, shortfall: Money },
    /// New holds are refused.
    #[error("the account is frozen")]
    AccountFrozen { reasons: Vec<FrozenReason> },
    /// Too many purchases, print jobs or refunds are open at once.
    #[error("{limit} holds of this purpose are open")]
    TooManyOpen { purpose: Purpose, limit: u32 },
    /// The same cause with another fingerprint.
    #[error("this cause was recorded with other contents")]
    CauseReused,
    #[error("there is no such hold")]
    HoldMissing,
    #[error("the hold has ended")]
    HoldEnded { status: HoldStatus },
    #[error("a hold of this id exists")]
    HoldExists,
    /// The charge is negative or more than the hold.
    #[error("the charge exceeds the hold")]
    ChargeExceedsHold,
    /// The parts to return sum to zero, or one is negative.
    #[error("there is nothing to return")]
    NothingToGiveBack,
    #[error("no credits have expired")]
    NothingExpired,
    /// A business record has changed since it was read: read it again and decide again.
    #[error("business record {index} has changed")]
    RecordChanged {
        /// Its place among the companions, from 0.
        index: usize,
    },
    /// A Stripe object is known as another organization's.
    #[error("{object} belongs to another organization")]
    ReferenceTaken {
        /// The object's id.
        object: String,
    },
    /// The organization has no entries, and the caller did not say that it is new.
    #[error("the organization has no entries")]
    NoEntries,
    /// An opening balance for an account that has had one, or that has done business.
    #[error("the account has an opening balance or has done business")]
    NotUnopened,
    /// The result would be beyond the largest amount of money.
    #[error("the amount is out of range")]
    AmountOutOfRange,
}

impl From<MoneyError> for Refusal {
    fn from(_: MoneyError) -> Self {
        Self::AmountOutOfRange
    }
}

/// The outcome is unknown or nothing was written: 503 with Retry-After. The same request may be sent again; its cause
/// shows what happened.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the ledger's table failed")]
    Table(#[from] TableFailure),
    /// An item of the ledger cannot be read.
    #[error("a ledger item is damaged: {0}")]
    Damaged(String),
}

impl Failing for Failure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Table(failure) => failure.meaning(),
            Self::Damaged(_) => Meaning::Fault("record-damaged"),
        }
    }
}

/// Receipt or replay, refusal, or failure.
pub type PostResult = Result<Result<Posted, Refusal>, Failure>;
