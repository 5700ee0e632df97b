//! A print job: one run of a campaign through the printer.

use crate::{CampaignName, Pinned, PostcardSize, Tally, limits};
use money::Money;
use pricing::Price;
use recipients::Mode;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{CampaignId, Fingerprint, OrganizationId, PrintJobId, RecipientListId, Timestamp};

/// How far a job is.
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

/// Why a job ended other than by printing all of it.
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
    /// Whose job.
    pub organization_id: OrganizationId,
    /// Which job.
    pub print_job_id: PrintJobId,
}

/// A print job, as it stands in the work table. Its counters are added to in the transactions that end its
/// batches; everything else is replaced under its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrintJob {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its id, and its hold's.
    pub print_job_id: PrintJobId,
    /// Of which campaign.
    pub campaign_id: CampaignId,
    /// The campaign's name as it was.
    pub campaign_name: CampaignName,
    /// To whom.
    pub recipient_list_id: RecipientListId,
    /// The card's size.
    pub size: PostcardSize,
    /// Live or test.
    pub environment: Mode,
    /// How many pieces.
    pub pieces: u32,
    /// What one accepted piece costs the customer, in credits, and DropLab at the vendor, in USD.
    pub price: Price,
    /// What was held for it.
    pub held: Money,
    /// What the request that placed it said.
    pub fingerprint: Fingerprint,
    /// How far it is.
    pub status: JobStatus,
    /// Why it ended, where that needs a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    /// When it was placed.
    pub created_at: Timestamp,
    /// Until when a planner owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_until: Option<Timestamp>,
    /// Which planner that is: two who claim it in the same instant must not both take the claim for theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_by: Option<String>,
    /// The artwork, pinned when it was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artwork: Option<Pinned>,
    /// When it began: from here on it ends by a settle alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    /// When all of its batches were queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<Timestamp>,
    /// How many batches it has.
    pub batches_total: u32,
    /// How many of them have ended.
    pub batches_done: u32,
    /// Pieces that the vendor accepted.
    pub accepted: u32,
    /// Pieces that the vendor refused, or failed to take.
    pub refused: u32,
    /// Pieces whose fate nobody knows.
    pub unknown: u32,
    /// Pieces that were never sent.
    pub not_sent: u32,
    /// Since when it pauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_since: Option<Timestamp>,
    /// Until when nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// How often it paused since the vendor last worked.
    pub pauses: u32,
    /// How long earlier pauses lasted, in milliseconds.
    pub paused_ms: i64,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// What was charged.
    pub charged: Money,
    /// What returned of the hold.
    pub released: Money,
    /// When the sweeper looks at it again.
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

    /// How long it has paused in total, in seconds.
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

    /// How long the next pause lasts, in seconds: doubled each time, up to 15 min.
    #[must_use]
    pub fn next_pause_seconds(&self) -> i64 {
        let doubled = 1i64.checked_shl(self.pauses.min(8)).unwrap_or(1);
        limits::PAUSE_FIRST_SECONDS.saturating_mul(doubled).min(limits::PAUSE_MAX_SECONDS)
    }

    /// The job in a pause that lasts until then.
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

/// Where a print job stands.
#[must_use]
pub fn job_key(organization: &OrganizationId, job: &PrintJobId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("JOB#{job}"))
}
