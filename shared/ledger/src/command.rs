//! What can be asked of the ledger.

use crate::{Cause, FrozenReason, LotKind, Part};
use money::{Money, PositiveMoney};
use serde::{Deserialize, Serialize};
use terms::{Actor, Fingerprint, HoldId, OrganizationId, Timestamp};

/// Why credits are granted.
pub type GrantKind = LotKind;

/// What a hold is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A purchase of contacts.
    Contacts,
    /// A print job.
    Postcards,
    /// A refund that finance has decided and Stripe has yet to make.
    Refund,
    /// What is left of a purchase that the card's bank warned of.
    FraudWarning,
}

/// Why credits are taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakeKind {
    /// Money was refunded.
    Refund,
    /// Funds were withdrawn by a dispute.
    Dispute,
}

/// A grant on the books: what a refund or dispute reverses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantRef {
    /// The grant's entry, which numbers its lot too.
    pub seq: u64,
    /// What was granted: paid and free lots are never merged with each other.
    pub kind: GrantKind,
}

/// One change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Adds credits: a deficit first, the rest as a new lot.
    Grant {
        /// Why.
        kind: GrantKind,
        /// How much.
        amount: PositiveMoney,
        /// The order, invoice or request that paid for it or decided it.
        source: String,
        /// When unused credits of it end. Paid credits never do.
        expires_at: Option<Timestamp>,
    },
    /// Puts credits aside for a purchase or a print job.
    Hold {
        /// The purchase's or job's id.
        id: HoldId,
        /// What for.
        purpose: Purpose,
        /// How much.
        amount: PositiveMoney,
    },
    /// Puts credits of one grant aside for a refund that finance has decided: of that grant's lot alone.
    HoldOfGrant {
        /// The refund request's id.
        id: HoldId,
        /// How much.
        amount: PositiveMoney,
        /// The grant.
        grant: GrantRef,
    },
    /// Puts aside what is left of one grant, of that grant's lot alone. Not refused for a freeze: it is one.
    HoldRest {
        /// The hold's id.
        id: HoldId,
        /// Not more than this: where lots were merged, others' credits stay free.
        at_most: PositiveMoney,
        /// The grant.
        grant: GrantRef,
    },
    /// Takes credits back like [`Command::Take`], and returns those of a hold first, all of them, as an entry of its
    /// own in the same transaction.
    TakeHeld {
        /// Which hold.
        hold: HoldId,
        /// Why.
        kind: TakeKind,
        /// How much.
        amount: PositiveMoney,
        /// The grant that it reverses.
        grant: GrantRef,
    },
    /// Ends such a hold because the money was refunded; the rest of it returns.
    SettleRefund {
        /// Which hold.
        hold: HoldId,
        /// How much was refunded, at most what is held.
        amount: PositiveMoney,
        /// The sequence number of the grant that it reverses.
        grant_seq: u64,
    },
    /// Ends a hold by charging at most what it holds; the rest returns.
    Settle {
        /// Which hold.
        hold: HoldId,
        /// How much of it was delivered.
        charge: Money,
    },
    /// Ends a hold by returning all of it.
    Release {
        /// Which hold.
        hold: HoldId,
    },
    /// Takes credits back: the purchase's own lot first, then burn order, then deficit.
    Take {
        /// Why.
        kind: TakeKind,
        /// How much.
        amount: PositiveMoney,
        /// The grant that it reverses.
        grant: GrantRef,
    },
    /// Takes credits away as a correction by finance: burn order, never into a deficit.
    Withdraw {
        /// How much.
        amount: PositiveMoney,
    },
    /// Posts the expiries that are due and nothing else.
    Expire,
    /// Reinstates what a reversal took: a deficit first, then the lots that the reversal recorded.
    GiveBack {
        /// Why it had been taken.
        kind: TakeKind,
        /// What the reversal drew from lots; what it had left as deficit comes as a part of the purchase's own lot.
        parts: Vec<Part>,
        /// The sequence number of the reversal that it undoes.
        taking_seq: u64,
    },
    /// Credits a charge back in part, to the lots that the charge used.
    CreditBack {
        /// What to return, of the lots that the charge used.
        parts: Vec<Part>,
        /// The sequence number of the charge that it reverses.
        charge_seq: u64,
    },
    /// Adds a reason that refuses new holds.
    Freeze {
        /// The object that is the reason, a dispute's or subscription's id.
        object: String,
        /// Which reason.
        reason: FrozenReason,
    },
    /// Ends such a reason.
    Unfreeze {
        /// The object that was the reason.
        object: String,
    },
    /// Carries out a command only on an account that meets a condition.
    Provided {
        /// What must be so, in the same decision.
        condition: Condition,
        /// What is then carried out.
        command: Box<Command>,
    },
}

/// What an account must be for a command of finance's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It has entries: a mistyped id must not become an account.
    HasEntries,
    /// It may take an opening balance: it has had none, and nothing but grants is on its books.
    Unopened,
}

impl Command {
    /// The hold that the command ends, if it ends one.
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

/// One change of one account, with the fact that it is the one effect of.
#[derive(Debug, Clone)]
pub struct Movement {
    /// Whose account.
    pub organization: OrganizationId,
    /// The fact or request.
    pub cause: Cause,
    /// What that fact or request said.
    pub fingerprint: Fingerprint,
    /// Who caused it.
    pub actor: Actor,
    /// When it happened by the vendor's clock; `None`: as it is recorded.
    pub occurred_at: Option<Timestamp>,
    /// One line for the statement, cut at 160 characters.
    pub description: String,
    /// What changes.
    pub command: Command,
}
