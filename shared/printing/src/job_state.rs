//! How far a print job is: placed, begun, ended. Stored as flat attributes of the job.

use crate::Pinned;
use money::Money;
use serde::{Deserialize, Serialize};
use terms::Timestamp;

/// How far a job is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobStatus {
    /// Placed, its hold open; nothing is sent yet.
    Queued,
    /// Begun: its batches are sent.
    Printing,
    /// Ended: the vendor accepted every piece.
    Completed,
    /// Ended: the vendor accepted some of the pieces.
    Partial,
    /// Ended: the vendor accepted none.
    Failed,
}

/// Why a job ended before it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Artwork was missing when the job was planned.
    ArtworkMissing,
    /// The job did not begin within 72 h.
    NotBegun,
}

/// How far a job is. A job that ended stays in the stage that it reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredState", into = "StoredState")]
pub struct JobState {
    /// What was done of it.
    pub stage: Stage,
    /// How it ended, once it has.
    pub end: Option<JobEnd>,
}

/// What was done of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is sent yet: it may still end by a release.
    Placed {
        /// Who plans it.
        planner: Option<PlannerLease>,
    },
    /// Pieces may have been sent: from here on it ends by a settle alone.
    Begun(Begun),
}

/// Which planner owns a job, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannerLease {
    /// From then on another may take it.
    pub until: Timestamp,
    /// Drawn for each: two who claim the job in the same instant must not both take the claim for theirs.
    pub owner: String,
}

/// What was fixed when a job began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// When it began.
    pub at: Timestamp,
    /// The artwork, pinned when it was planned.
    pub artwork: Pinned,
    /// How many batches it has.
    pub batches_total: u32,
    /// When all of its batches were queued.
    pub queued_at: Option<Timestamp>,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobEnd {
    /// When.
    pub at: Timestamp,
    /// `Completed`, `Partial` or `Failed`.
    pub status: JobStatus,
    /// Of a job that did not begin.
    pub reason: Option<EndReason>,
    /// What was charged, in credits.
    pub charged: Money,
    /// What returned of the hold, in credits.
    pub released: Money,
}

impl JobState {
    /// Of a job that was just placed.
    #[must_use]
    pub fn placed() -> Self {
        Self { stage: Stage::Placed { planner: None }, end: None }
    }

    pub(crate) fn planned_by(planner: PlannerLease) -> Self {
        Self { stage: Stage::Placed { planner: Some(planner) }, end: None }
    }

    pub(crate) fn status(&self) -> JobStatus {
        match (&self.stage, &self.end) {
            (_, Some(end)) => end.status,
            (Stage::Placed { .. }, None) => JobStatus::Queued,
            (Stage::Begun(_), None) => JobStatus::Printing,
        }
    }
}

/// The attributes of a job's state.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredState {
    status: JobStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_reason: Option<EndReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    planned_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    planned_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    artwork: Option<Pinned>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queued_at: Option<Timestamp>,
    batches_total: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    charged: Money,
    released: Money,
}

impl From<JobState> for StoredState {
    fn from(state: JobState) -> Self {
        let status = state.status();
        let (planner, begun) = match state.stage {
            Stage::Placed { planner } => (planner, None),
            Stage::Begun(begun) => (None, Some(begun)),
        };
        let (planned_until, planned_by) = planner.map(|lease| (lease.until, lease.owner)).unzip();
        let begun_at = begun.as_ref().map(|begun| begun.at);
        let queued_at = begun.as_ref().and_then(|begun| begun.queued_at);
        let batches_total = begun.as_ref().map_or(0, |begun| begun.batches_total);
        Self {
            status,
            end_reason: state.end.and_then(|end| end.reason),
            planned_until,
            planned_by,
            artwork: begun.map(|begun| begun.artwork),
            begun_at,
            queued_at,
            batches_total,
            finished_at: state.end.map(|end| end.at),
            charged: state.end.map_or(Money::ZERO, |end| end.charged),
            released: state.end.map_or(Money::ZERO, |end| end.released),
        }
    }
}

/// Attributes of a stored job that contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the job's attributes contradict each other: {0}")]
pub(crate) struct Contradiction(pub(crate) &'static str);

impl TryFrom<StoredState> for JobState {
    type Error = Contradiction;

    fn try_from(stored: StoredState) -> Result<Self, Contradiction> {
        let stage = match (stored.begun_at, stored.artwork) {
            (Some(at), Some(artwork)) => {
                let (batches_total, queued_at) = (stored.batches_total, stored.queued_at);
                Stage::Begun(Begun { at, artwork, batches_total, queued_at })
            }
            (Some(_), None) => return Err(Contradiction("it has begun and no artwork is pinned")),
            (None, _) => {
                let owner = stored.planned_by.unwrap_or_default();
                Stage::Placed { planner: stored.planned_until.map(|until| PlannerLease { until, owner }) }
            }
        };
        let end = stored.finished_at.map(|at| JobEnd {
            at,
            status: stored.status,
            reason: stored.end_reason,
            charged: stored.charged,
            released: stored.released,
        });
        let state = Self { stage, end };
        let is_final = matches!(stored.status, JobStatus::Completed | JobStatus::Partial | JobStatus::Failed);
        if stored.status != state.status() || is_final != state.end.is_some() {
            return Err(Contradiction("its status is not that of its stage and end"));
        }
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(changes: Value) -> Result<JobState, String> {
        let mut stored =
            json!({"status": "queued", "batchesTotal": 0, "charged": "0.00", "released": "0.00"});
        let changes = changes.as_object().unwrap().clone();
        stored.as_object_mut().unwrap().extend(changes);
        serde_json::from_value(stored).map_err(|error| error.to_string())
    }

    #[test]
    fn attributes_that_contradict_each_other_are_no_job() {
        let at = "2026-09-21T14:13:40.000Z";
        let artwork = json!({"kind": "pdf-per-recipient"});
        assert_eq!(read(json!({})), Ok(JobState::placed()));
        let table = [
            json!({"status": "printing"}),
            json!({"status": "completed"}),
            json!({"finishedAt": at}),
            json!({"begunAt": at, "status": "printing"}),
            json!({"begunAt": at, "artwork": artwork}),
        ];
        for changes in table {
            assert!(read(changes.clone()).is_err(), "{changes}");
        }
    }
}
