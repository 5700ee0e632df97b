//! The commands that the ledger carries out.

use crate::{Cause, FrozenReason, LotKind, Part};
use money::{Money, PositiveMoney};
use serde::{Deserialize, Serialize};
use terms::{Actor, Fingerprint, HoldId, OrganizationId, Timestamp};

/// Why credits are granted.
pub type GrantKind = LotKind;

/// What a hold is for. Each purpose has its own limit of open holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A purchase of contacts.
    Contacts,
    /// A print job.
    Postcards,
    /// A refund that finance approved and Stripe has yet to make.
    Refund,
    /// The unspent credits of a purchase of which the card's bank warned.
    FraudWarning,
}

/// Why credits are reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakeKind {
    /// Money was refunded.
    Refund,
    /// A dispute withdrew funds.
    Dispute,
}

/// A grant on the books, for a refund or dispute to reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantRef {
    /// The number of the grant's entry, and the id of its lot.
    pub seq: u64,
    /// Paid and free lots are never merged with each other.
    pub kind: GrantKind,
}

/// One change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Adds credits: they reduce a deficit first, the rest becomes a new lot.
    Grant {
        kind: GrantKind,
        amount: PositiveMoney,
        /// The order, invoice or request behind it.
        source: String,
        /// When its unused credits end. `None` for paid credits.
        expires_at: Option<Timestamp>,
    },
    /// Puts credits on hold for a purchase or a print job.
    Hold { id: HoldId, purpose: Purpose, amount: PositiveMoney },
    /// Puts credits of one grant's lot alone on hold, for a refund that finance approved.
    HoldOfGrant { id: HoldId, amount: PositiveMoney, grant: GrantRef },
    /// Puts the unused credits of one grant's lot on hold. Never refused for a freeze: it acts as one.
    HoldRest {
        id: HoldId,
        /// A limit: where lots were merged, the credits of other grants stay free.
        at_most: PositiveMoney,
        grant: GrantRef,
    },
    /// Reverses credits like [`Command::Take`], after returning all of a hold, as an entry of its own in the same
    /// transaction.
    TakeHeld {
        hold: HoldId,
        kind: TakeKind,
        amount: PositiveMoney,
        /// The grant that it reverses.
        grant: GrantRef,
    },
    /// Settles a refund's hold because the money was refunded; the rest returns.
    SettleRefund {
        hold: HoldId,
        /// The refunded amount, at most what is held.
        amount: PositiveMoney,
        /// The number of the entry of the grant that it reverses.
        grant_seq: u64,
    },
    /// Ends a hold by charging at most what it holds; the rest returns.
    Settle {
        hold: HoldId,
        /// The price of what was delivered.
        charge: Money,
    },
    /// Ends a hold by returning all of it.
    Release { hold: HoldId },
    /// Reverses credits: from the grant's own lot first, then in burn order, then as a deficit.
    Take {
        kind: TakeKind,
        amount: PositiveMoney,
        /// The grant that it reverses.
        grant: GrantRef,
    },
    /// Removes credits as a correction by finance: in burn order, never into a deficit.
    Withdraw { amount: PositiveMoney },
    /// Posts the expiries that are due, and nothing else.
    Expire,
    /// Reinstates what a reversal took: it reduces a deficit first, then refills the lots that the reversal recorded.
    GiveBack {
        /// Why it was reversed.
        kind: TakeKind,
        /// What the reversal drew from lots; its deficit comes as a part of the grant's own lot.
        parts: Vec<Part>,
        /// The number of the reversal's entry.
        taking_seq: u64,
    },
    /// Returns part of a charge to the lots that the charge used.
    CreditBack {
        /// What to return.
        parts: Vec<Part>,
        /// The number of the charge's entry.
        charge_seq: u64,
    },
    /// Adds a reason that refuses new holds.
    Freeze {
        /// The id of the object that is the reason, such as a dispute's or subscription's.
        object: String,
        reason: FrozenReason,
    },
    /// Ends such a reason.
    Unfreeze {
        /// The id of the object that was the reason.
        object: String,
    },
    /// Carries out a command only if the account meets a condition, in the same decision.
    Provided { condition: Condition, command: Box<Command> },
}

/// What an account must be for a command of finance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It has entries, so that a mistyped id does not become an account.
    HasEntries,
    /// It may take an opening balance: it has had none and has nothing but grants.
    Unopened,
}

impl Command {
    /// The hold that the command ends.
    #[must_use]
    pub fn ends_hold(&self) -> Option<&HoldId> {
        match self {
            Self::Settle { hold, .. }
            | Self::SettleRefund { hold, .. }
            | Self::TakeHeld { hold, .. }
            | Self::Release { hold } => Some(hold),
            Self::Provided { command, .. } => command.ends_hold(),
            Self::Grant { .. }
            | Self::Hold { .. }
            | Self::HoldOfGrant { .. }
            | Self::HoldRest { .. }
            | Self::Take { .. }
            | Self::Withdraw { .. }
            | Self::Expire
            | Self::GiveBack { .. }
            | Self::CreditBack { .. }
            | Self::Freeze { .. }
            | Self::Unfreeze { .. } => None,
        }
    }
}

/// One change of one account, and the cause of which it is the one effect.
#[derive(Debug, Clone)]
pub struct Movement {
    pub organization: OrganizationId,
    pub cause: Cause,
    /// The hash of the cause's content.
    pub fingerprint: Fingerprint,
    pub actor: Actor,
    /// When it happened by the vendor's clock; `None`: when it is recorded.
    pub occurred_at: Option<Timestamp>,
    /// One line for the statement, cut at 160 characters.
    pub description: String,
    pub command: Command,
}
