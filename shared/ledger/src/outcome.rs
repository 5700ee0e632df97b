//! The four outcomes of a movement: receipt, replay, refusal, failure.

use crate::{EntryKind, FrozenReason, HoldStatus, Purpose};
use money::{Money, MoneyError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tables::TableFailure;
use terms::{Failing, Fingerprint, HoldId, Meaning, OrganizationId, Timestamp};

/// What a movement left, as it is stored with its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Whose account.
    pub organization: OrganizationId,
    /// The entry's number.
    pub seq: u64,
    /// What the entry records.
    pub kind: EntryKind,
    /// The entry's figure.
    pub amount: Money,
    /// Available credits after the whole movement.
    pub available_after: Money,
    /// Held credits after the whole movement.
    pub held_after: Money,
    /// The hold that was opened or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The answer that the caller was first given.
    #[serde(skip)]
    pub answer: Option<Value>,
}

/// A movement that is on the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// Just now.
    Receipt(Receipt),
    /// Already, for the same cause and with the same fingerprint: the first receipt.
    Replay(Receipt),
}

impl Posted {
    /// The receipt, first or again.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        match self {
            Self::Receipt(receipt) | Self::Replay(receipt) => receipt,
        }
    }

    /// Whether it was already on the books.
    #[must_use]
    pub fn is_replay(&self) -> bool {
        matches!(self, Self::Replay(_))
    }
}

/// What stands for a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What the fact or request said.
    pub fingerprint: Fingerprint,
    /// What it left.
    pub receipt: Receipt,
}

/// A business answer: nothing was written, and the same cause may succeed later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The account cannot pay.
    #[error("{required} credits are needed and {available} are available")]
    InsufficientCredits {
        /// What the hold asks.
        required: Money,
        /// What can be spent.
        available: Money,
        /// What is missing.
        shortfall: Money,
    },
    /// New holds are refused.
    #[error("the account is frozen")]
    AccountFrozen {
        /// Why.
        reasons: Vec<FrozenReason>,
    },
    /// Too many purchases or jobs are open at once.
    #[error("{limit} holds of this purpose are open")]
    TooManyOpen {
        /// Which purpose.
        purpose: Purpose,
        /// How many may be open.
        limit: u32,
    },
    /// The same cause with another fingerprint.
    #[error("this cause was recorded with other contents")]
    CauseReused,
    /// There is no such hold.
    #[error("there is no such hold")]
    HoldMissing,
    /// The hold has ended otherwise.
    #[error("the hold has ended")]
    HoldEnded {
        /// How.
        status: HoldStatus,
    },
    /// A hold of this id is open already.
    #[error("a hold of this id exists")]
    HoldExists,
    /// The charge is negative or more than the hold.
    #[error("the charge exceeds the hold")]
    ChargeExceedsHold,
    /// A reversal names parts that sum to nothing, or amounts below zero.
    #[error("there is nothing to give back")]
    NothingToGiveBack,
    /// No credits are past their time.
    #[error("no credits have expired")]
    NothingExpired,
    /// A business record has changed since it was read: read it again and decide again.
    #[error("business record {index} has changed")]
    RecordChanged {
        /// Which of the companions, from 0.
        index: usize,
    },
    /// A Stripe object is known as another organization's.
    #[error("{object} belongs to another organization")]
    ReferenceTaken {
        /// The object's id.
        object: String,
    },
    /// The organization has no entries, and is not said to be new.
    #[error("the organization has no entries")]
    NoEntries,
    /// An opening balance for an account that has had one, or that has done business.
    #[error("the account has an opening balance or has done business")]
    NotUnopened,
    /// An amount left the range that the ledger keeps.
    #[error("the amount is out of range")]
    AmountOutOfRange,
}

impl From<MoneyError> for Refusal {
    fn from(_: MoneyError) -> Self {
        Self::AmountOutOfRange
    }
}

/// No answer: 503 with Retry-After. The same request may be sent again; its cause tells what happened.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The table failed.
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
