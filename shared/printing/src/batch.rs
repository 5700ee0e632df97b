//! A batch: at most 25 pieces that one worker sends under one lease.

use crate::{Outcome, PieceRange};
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{BatchNumber, OrganizationId, PrintJobId, Timestamp};

/// The message that has a batch worked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchMessage {
    pub organization_id: OrganizationId,
    pub print_job_id: PrintJobId,
    pub batch: BatchNumber,
}

/// Who works on a batch, and what it is about to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchLease {
    /// The worker.
    pub owner: String,
    /// Until when no other worker may take it.
    pub until: Timestamp,
    /// When it recorded that it was about to send; absent when it only looks up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_at: Option<Timestamp>,
}

/// Why a batch sends nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingReason {
    /// The job paused for 72 h in total.
    OutOfTime,
    /// Its message failed until the queue gave up.
    Dead,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    pub reason: ClosingReason,
    pub since: Timestamp,
}

/// A batch, as stored in the work table, a few KB at most. It identifies recipients by their place in the list, never
/// by name or address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    pub organization_id: OrganizationId,
    pub print_job_id: PrintJobId,
    pub batch: BatchNumber,
    /// Which recipients of the list.
    #[serde(flatten)]
    pub range: PieceRange,
    /// The version of each piece's artwork, in order, where each recipient has their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artwork_versions: Vec<String>,
    /// The outcome of each piece, in order; empty before the first attempt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Outcome>,
    /// How often a lease was taken.
    pub attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<BatchLease>,
    /// Before when there is nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// When its result was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The sweeper's next check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

impl Batch {
    /// A batch before its first attempt.
    #[must_use]
    pub fn planned(
        organization: &OrganizationId,
        job: &PrintJobId,
        (batch, range): (BatchNumber, PieceRange),
        artwork_versions: Vec<String>,
    ) -> Self {
        Self {
            organization_id: organization.clone(),
            print_job_id: job.clone(),
            batch,
            range,
            artwork_versions,
            outcomes: Vec::new(),
            attempt: 0,
            lease: None,
            not_before: None,
            closing: None,
            ended_at: None,
            due_at: None,
        }
    }

    /// The outcome of each piece, even while none is stored.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let mut outcomes = self.outcomes.clone();
        let pieces = usize::try_from(self.range.pieces()).unwrap_or(usize::MAX);
        outcomes.resize(pieces, Outcome::Untouched);
        outcomes
    }

    /// Whether a worker owns it now.
    #[must_use]
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.until > now)
    }

    #[must_use]
    pub fn message(&self) -> BatchMessage {
        BatchMessage {
            organization_id: self.organization_id.clone(),
            print_job_id: self.print_job_id.clone(),
            batch: self.batch,
        }
    }
}

impl Record for Batch {
    const KIND: &'static str = "print-batch";

    fn key(&self) -> Key {
        batch_key(&self.print_job_id, self.batch)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }
}

#[must_use]
pub fn batch_key(job: &PrintJobId, batch: BatchNumber) -> Key {
    Key::new(format!("JOB#{job}"), format!("BATCH#{batch:05}"))
}
