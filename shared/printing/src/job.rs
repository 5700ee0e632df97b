//! A print job: one run of a campaign through the printer.

use crate::{CampaignName, Pinned, PostcardSize, Tally, limits};
use money::Money;
use pricing::Price;
use recipients::Mode;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{CampaignId, Fingerprint, OrganizationId, PrintJobId, RecipientListId, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobStatus {
    /// Placed, its hold open; nothing is sent yet.
    Queued,
    /// Its batches are being sent.
    Printing,
    /// Ended: the vendor accepted every piece.
    Completed,
    /// Ended: the vendor accepted some of the pieces.
    Partial,
    /// Ended: the vendor accepted none.
    Failed,
}

/// Why a job ended before it was printed completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Artwork was missing when the job was planned.
    ArtworkMissing,
    /// The job did not begin within 72 h.
    NotBegun,
}

/// The message that has a job planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanMessage {
    pub organization_id: OrganizationId,
    pub print_job_id: PrintJobId,
}

/// A print job, as stored in the work table. Its counters are added to in the transactions that end its batches;
/// everything else is replaced under its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrintJob {
    pub organization_id: OrganizationId,
    /// The id of its hold too.
    pub print_job_id: PrintJobId,
    pub campaign_id: CampaignId,
    /// The campaign's name when the job was placed.
    pub campaign_name: CampaignName,
    pub recipient_list_id: RecipientListId,
    pub size: PostcardSize,
    pub environment: Mode,
    pub pieces: u32,
    /// What one accepted piece costs the customer, in credits, and DropLab at the vendor, in USD.
    pub price: Price,
    /// In credits.
    pub held: Money,
    /// The hash of the request that placed it.
    pub fingerprint: Fingerprint,
    pub status: JobStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    pub created_at: Timestamp,
    /// Until when a planner owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_until: Option<Timestamp>,
    /// Which planner: of two that claim it in the same instant, only one takes the claim for its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_by: Option<String>,
    /// The artwork, pinned when it was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artwork: Option<Pinned>,
    /// From then on only a settle ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    /// When all of its batches were queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<Timestamp>,
    pub batches_total: u32,
    /// How many of them have ended.
    pub batches_done: u32,
    /// Pieces that the vendor accepted.
    pub accepted: u32,
    /// Pieces that the vendor refused, or failed to take.
    pub refused: u32,
    /// Pieces with an unknown result.
    pub unknown: u32,
    /// Pieces that were never sent.
    pub not_sent: u32,
    /// The beginning of the present pause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_since: Option<Timestamp>,
    /// Nothing is sent before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// Since the vendor last worked.
    pub pauses: u32,
    /// The total of earlier pauses.
    pub paused_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// In credits.
    pub charged: Money,
    /// What returned of the hold, in credits.
    pub released: Money,
    /// The sweeper's next check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

impl PrintJob {
    /// Whether it has begun and every batch has ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.begun_at.is_some() && self.batches_done >= self.batches_total
    }

    /// How its pieces ended, as far as they have.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally {
            accepted: self.accepted,
            refused: self.refused,
            unknown: self.unknown,
            not_sent: self.not_sent,
        }
    }

    /// Whether no piece of it was ever attempted.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.begun_at.is_none() || self.not_sent >= self.pieces
    }

    #[must_use]
    pub fn paused_seconds(&self, now: Timestamp) -> i64 {
        let current = self.paused_since.map_or(0, |since| now.as_ms().saturating_sub(since.as_ms()).max(0));
        self.paused_ms.saturating_add(current).div_euclid(1000)
    }

    /// Whether its pauses have used up its time.
    #[must_use]
    pub fn is_out_of_time(&self, now: Timestamp) -> bool {
        self.paused_seconds(now) >= limits::PAUSE_TOTAL_SECONDS
    }

    /// In seconds: doubled each time, up to 15 min.
    #[must_use]
    pub fn next_pause_seconds(&self) -> i64 {
        let doubled = 1i64.checked_shl(self.pauses.min(8)).unwrap_or(1);
        limits::PAUSE_FIRST_SECONDS.saturating_mul(doubled).min(limits::PAUSE_MAX_SECONDS)
    }

    #[must_use]
    pub fn paused(&self, now: Timestamp, until: Timestamp) -> Self {
        Self {
            paused_since: Some(self.paused_since.unwrap_or(now)),
            paused_until: Some(until),
            pauses: self.pauses.saturating_add(1),
            ..self.clone()
        }
    }

    /// The job after the vendor worked again.
    #[must_use]
    pub fn resumed(&self, now: Timestamp) -> Self {
        let lasted = self.paused_since.map_or(0, |since| now.as_ms().saturating_sub(since.as_ms()).max(0));
        Self {
            paused_since: None,
            paused_until: None,
            pauses: 0,
            paused_ms: self.paused_ms.saturating_add(lasted),
            ..self.clone()
        }
    }

    /// The status that the counters of a finished job give.
    #[must_use]
    pub fn final_status(&self) -> JobStatus {
        match self.accepted {
            0 => JobStatus::Failed,
            accepted if accepted >= self.pieces => JobStatus::Completed,
            _ => JobStatus::Partial,
        }
    }
}

impl Record for PrintJob {
    const KIND: &'static str = "print-job";

    fn key(&self) -> Key {
        job_key(&self.organization_id, &self.print_job_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }
}

#[must_use]
pub fn job_key(organization: &OrganizationId, job: &PrintJobId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("JOB#{job}"))
}
