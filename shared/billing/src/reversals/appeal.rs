//! What is known of a dispute's appeal. Its end has the statuses of the dispute's own end, so the times decide
//! which of both an event reports, in whatever order they arrive.
//!
//! An appeal may take the money of a dispute that was won a second time. Its credits are not reversed again: they
//! cannot be spent until the money is back, or finance has corrected them.

use crate::ReversalFact;
use serde::{Deserialize, Serialize};
use terms::Timestamp;

/// A decision that is, or was, looked into again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Appeal {
    /// The latest time at which it is known to have been under way.
    pub open_at: Timestamp,
    /// When it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// It froze the account.
    #[serde(default)]
    pub frozen: bool,
    /// Its end lifted that.
    #[serde(default)]
    pub unfrozen: bool,
    /// How often it froze the account and had lifted that before: a later appeal freezes anew.
    #[serde(default)]
    pub earlier_freezes: u32,
    /// The latest withdrawal that took the money after it had come back, counted over the dispute's life; 0: none.
    #[serde(default)]
    pub taken_again: u32,
    /// The latest of these whose money came back.
    #[serde(default)]
    pub returned: u32,
    /// The latest of these whose credits finance has corrected.
    #[serde(default)]
    pub corrected: u32,
}

impl Appeal {
    /// What is known after a fact; none before the first appeal.
    pub(super) fn after(known: Option<Self>, fact: &ReversalFact) -> Option<Self> {
        let first = |decided_at| Self {
            open_at: fact.at,
            decided_at,
            frozen: false,
            unfrozen: false,
            earlier_freezes: 0,
            taken_again: 0,
            returned: 0,
            corrected: 0,
        };
        // What took the money again was an appeal, even if only its end was heard of.
        let unheard = (fact.taken_again > 0).then(|| first(Some(fact.at)));
        let known = known.or(if fact.appealed { Some(first(None)) } else { unheard })?;
        let known = Self {
            taken_again: known.taken_again.max(fact.taken_again),
            returned: known.returned.max(fact.returned),
            ..known
        };
        if fact.appealed {
            return Some(Self { open_at: known.open_at.max(fact.at), ..known });
        }
        // A decision that is older than the appeal is the one that is looked into.
        let decided = fact.closed && known.is_open() && fact.at > known.open_at;
        Some(if decided { Self { decided_at: Some(fact.at), ..known } } else { known })
    }

    /// It is not decided.
    pub(super) fn is_open(self) -> bool {
        self.decided_at.is_none_or(|decided_at| decided_at < self.open_at)
    }

    /// The money was taken again, is not back, and finance has not corrected its credits.
    pub(super) fn is_money_missing(self) -> bool {
        self.taken_again > self.returned.max(self.corrected)
    }

    /// It froze the account, and that is not lifted.
    pub(super) fn is_freezing(self) -> bool {
        self.frozen && !self.unfrozen
    }

    /// Freezes the account, if it has to and does not yet.
    pub(super) fn freeze(&mut self) -> bool {
        if self.is_freezing() || !self.is_to_freeze() {
            return false;
        }
        let again = self.earlier_freezes.saturating_add(u32::from(self.frozen));
        *self = Self { frozen: true, unfrozen: false, earlier_freezes: again, ..*self };
        true
    }

    /// Lifts that, if it is to be lifted.
    pub(super) fn lift(&mut self) -> bool {
        let lifts = self.is_freezing() && !self.is_to_freeze();
        self.unfrozen |= lifts;
        lifts
    }

    /// What its freezes are named in their causes: each has one of its own.
    pub(super) fn cause_of(self, object: &str) -> String {
        match self.earlier_freezes {
            0 => format!("{object}/appeal"),
            earlier => format!("{object}/appeal-{}", earlier.saturating_add(1)),
        }
    }

    fn is_to_freeze(self) -> bool {
        self.is_open() || self.is_money_missing()
    }
}
