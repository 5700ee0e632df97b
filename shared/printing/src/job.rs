//! A print job: one run of a campaign through the printer.

use crate::{Begun, CampaignName, JobState, JobStatus, Pauses, PostcardSize, Stage, Tally, limits};
use money::Money;
use pricing::Price;
use recipients::Mode;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{CampaignId, Fingerprint, OrganizationId, PrintJobId, RecipientListId, Timestamp};

/// The message that has a job planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanMessage {
    pub organization_id: OrganizationId,
    pub print_job_id: PrintJobId,
}

/// A print job, as it stands in the work table. The results are added to in the transactions that end its batches;
/// everything else is replaced under its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrintJob {
    /// What it was placed with: never changed.
    #[serde(flatten)]
    pub placed: PlacedJob,
    /// How far it is.
    #[serde(flatten)]
    pub state: JobState,
    /// What came of its batches so far.
    #[serde(flatten)]
    pub results: JobResults,
    /// While the vendor is in trouble it sends nothing.
    #[serde(flatten)]
    pub pauses: Pauses,
    /// When the sweeper checks it next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

/// What a job was placed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedJob {
    /// The organization.
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
    /// What was held for it, in credits.
    pub held: Money,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// When it was placed.
    pub created_at: Timestamp,
}

/// How many batches have ended, and how their pieces did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobResults {
    /// Batches that have ended.
    pub batches_done: u32,
    /// Their pieces.
    #[serde(flatten)]
    pub tally: Tally,
}

impl PrintJob {
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> JobStatus {
        self.state.status()
    }

    /// Whether its hold has ended, and it with it.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.state.end.is_some()
    }

    /// What was fixed when it began, if it has begun.
    #[must_use]
    pub fn begun(&self) -> Option<&Begun> {
        match &self.state.stage {
            Stage::Placed { .. } => None,
            Stage::Begun(begun) => Some(begun),
        }
    }

    /// Whether it has begun and every batch has ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.begun().is_some_and(|begun| self.results.batches_done >= begun.batches_total)
    }

    /// Whether no piece of it was ever attempted.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.begun().is_none() || self.results.tally.not_sent >= self.placed.pieces
    }

    /// Whether its pauses have used up its time.
    #[must_use]
    pub fn is_out_of_time(&self, now: Timestamp) -> bool {
        self.pauses.lasted_seconds(now) >= limits::PAUSE_TOTAL_SECONDS
    }

    #[must_use]
    pub fn paused(&self, now: Timestamp, until: Timestamp) -> Self {
        Self { pauses: self.pauses.extended(now, until), ..self.clone() }
    }

    /// The job after the vendor worked again.
    #[must_use]
    pub fn resumed(&self, now: Timestamp) -> Self {
        Self { pauses: self.pauses.resumed(now), ..self.clone() }
    }

    /// The status that the results of a job give at its end.
    #[must_use]
    pub fn final_status(&self) -> JobStatus {
        match self.results.tally.accepted {
            0 => JobStatus::Failed,
            accepted if accepted >= self.placed.pieces => JobStatus::Completed,
            _ => JobStatus::Partial,
        }
    }

    pub(crate) fn plan_message(&self) -> PlanMessage {
        PlanMessage {
            organization_id: self.placed.organization_id.clone(),
            print_job_id: self.placed.print_job_id.clone(),
        }
    }
}

impl Record for PrintJob {
    const KIND: &'static str = "print-job";

    fn key(&self) -> Key {
        job_key(&self.placed.organization_id, &self.placed.print_job_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }
}

/// The key of a print job's record.
#[must_use]
pub fn job_key(organization: &OrganizationId, job: &PrintJobId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("JOB#{job}"))
}
