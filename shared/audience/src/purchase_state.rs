//! How far a purchase of contacts is: placed, begun, ended. Stored as flat attributes of the purchase.

use money::Money;
use serde::{Deserialize, Serialize};
use terms::Timestamp;

/// How far a purchase is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurchaseStatus {
    /// Placed, its hold open; nothing is asked of the vendor yet.
    Queued,
    /// Begun: contacts are fetched.
    Fetching,
    /// Settled: everything that was requested was delivered.
    Completed,
    /// Settled: some of it was delivered.
    Partial,
    /// Ended: nothing was delivered, nothing is charged.
    Failed,
}

/// How far a purchase is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredState", into = "StoredState")]
pub struct PurchaseState {
    /// When the first lease was taken: from then on the vendor may have been asked, and only a settle ends it.
    pub begun_at: Option<Timestamp>,
    /// How many leases were taken.
    pub leases: u32,
    /// Whose turn it is.
    pub turn: Turn,
    /// How it ended, once it has.
    pub end: Option<PurchaseEnd>,
}

/// Who may fetch a purchase now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Anybody may take it.
    Free,
    /// One worker, until its lease runs out.
    Leased(FetchLease),
    /// Nobody: the vendor is in trouble, and nothing is asked before.
    Paused {
        /// From then on anybody may take it.
        until: Timestamp,
    },
}

/// Who may fetch a purchase, and until when. The number tells one owner from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchLease {
    /// Counts the purchase's leases, from 1.
    pub number: u32,
    /// From then on another may take it.
    pub until: Timestamp,
    /// Drawn for each: two who claim it in the same instant must not both take the claim for theirs.
    #[serde(default)]
    pub owner: u64,
}

/// How a purchase ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseEnd {
    /// When.
    pub at: Timestamp,
    /// `Completed`, `Partial` or `Failed`.
    pub status: PurchaseStatus,
    /// What was charged, in credits.
    pub charged: Money,
    /// What was returned, in credits.
    pub released: Money,
    /// The contacts as CSV, if any were delivered.
    pub csv_key: Option<String>,
}

impl PurchaseState {
    /// Of a purchase that was just placed.
    #[must_use]
    pub fn placed() -> Self {
        Self { begun_at: None, leases: 0, turn: Turn::Free, end: None }
    }

    pub(crate) fn status(&self) -> PurchaseStatus {
        match (self.begun_at, &self.end) {
            (_, Some(end)) => end.status,
            (None, None) => PurchaseStatus::Queued,
            (Some(_), None) => PurchaseStatus::Fetching,
        }
    }
}

/// The attributes of a purchase's state.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredState {
    status: PurchaseStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<FetchLease>,
    #[serde(default)]
    leases: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paused_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    charged: Money,
    released: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    csv_key: Option<String>,
}

impl From<PurchaseState> for StoredState {
    fn from(state: PurchaseState) -> Self {
        let status = state.status();
        let (lease, paused_until) = match state.turn {
            Turn::Free => (None, None),
            Turn::Leased(lease) => (Some(lease), None),
            Turn::Paused { until } => (None, Some(until)),
        };
        let end = state.end.as_ref();
        Self {
            status,
            begun_at: state.begun_at,
            lease,
            leases: state.leases,
            paused_until,
            finished_at: end.map(|end| end.at),
            charged: end.map_or(Money::ZERO, |end| end.charged),
            released: end.map_or(Money::ZERO, |end| end.released),
            csv_key: state.end.and_then(|end| end.csv_key),
        }
    }
}

/// Attributes of a stored purchase that contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the purchase's attributes contradict each other: {0}")]
struct Contradiction(&'static str);

impl TryFrom<StoredState> for PurchaseState {
    type Error = Contradiction;

    fn try_from(stored: StoredState) -> Result<Self, Contradiction> {
        let turn = match (stored.lease, stored.paused_until) {
            (None, None) => Turn::Free,
            (Some(lease), None) => Turn::Leased(lease),
            (None, Some(until)) => Turn::Paused { until },
            (Some(_), Some(_)) => return Err(Contradiction("it is leased and paused")),
        };
        let end = stored.finished_at.map(|at| PurchaseEnd {
            at,
            status: stored.status,
            charged: stored.charged,
            released: stored.released,
            csv_key: stored.csv_key,
        });
        let state = Self { begun_at: stored.begun_at, leases: stored.leases, turn, end };
        let is_final = matches!(
            stored.status,
            PurchaseStatus::Completed | PurchaseStatus::Partial | PurchaseStatus::Failed
        );
        if stored.status != state.status() || is_final != state.end.is_some() {
            return Err(Contradiction("its status is not that of its beginning and end"));
        }
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(changes: Value) -> Result<PurchaseState, String> {
        let mut stored = json!({"status": "queued", "charged": "0.00", "released": "0.00"});
        let changes = changes.as_object().unwrap().clone();
        stored.as_object_mut().unwrap().extend(changes);
        serde_json::from_value(stored).map_err(|error| error.to_string())
    }

    #[test]
    fn attributes_that_contradict_each_other_are_no_purchase() {
        let at = "2026-09-21T14:13:40.000Z";
        assert_eq!(read(json!({})), Ok(PurchaseState::placed()));
        let table = [
            json!({"status": "fetching"}),
            json!({"status": "completed"}),
            json!({"finishedAt": at}),
            json!({"begunAt": at}),
            json!({"lease": {"number": 1, "until": at}, "pausedUntil": at}),
        ];
        for changes in table {
            assert!(read(changes.clone()).is_err(), "{changes}");
        }
    }
}
