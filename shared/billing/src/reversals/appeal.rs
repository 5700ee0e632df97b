//! What is known of a dispute's appeal. Its end has the statuses of the dispute's own end, so the times decide
//! which of both an event reports, in whatever order they arrive.

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
}

impl Appeal {
    /// What is known after a fact; none before the first appeal.
    pub(super) fn after(known: Option<Self>, fact: &ReversalFact) -> Option<Self> {
        let first = || Self { open_at: fact.at, decided_at: None, frozen: false, unfrozen: false };
        if fact.appealed {
            let known = known.unwrap_or_else(first);
            return Some(Self { open_at: known.open_at.max(fact.at), ..known });
        }
        // A decision that is older than the appeal is the one that is looked into.
        let decided = |known: Self| fact.closed && known.is_open() && fact.at > known.open_at;
        known.map(|known| if decided(known) { Self { decided_at: Some(fact.at), ..known } } else { known })
    }

    /// It is not decided.
    pub(super) fn is_open(self) -> bool {
        self.decided_at.is_none_or(|decided_at| decided_at < self.open_at)
    }
}
