//! What the owner sees of a campaign's job: never what the vendor charges.

use crate::{Campaign, EndReason, JobStatus, PrintJob, Printing, PrintingFailure, campaign_key, job_key};
use money::Money;
use recipients::Mode;
use serde::Serialize;
use terms::{CampaignId, OrganizationId, PrintJobId, Timestamp};

/// A job as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    /// Its id.
    pub print_job_id: PrintJobId,
    /// `queued`, `printing`, `paused`, `completed`, `partial` or `failed`.
    pub status: &'static str,
    /// Why it ended, where that needs a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<EndReason>,
    /// Live or test.
    pub environment: Mode,
    /// How many pieces.
    pub pieces: u32,
    /// Accepted by the vendor: what is charged.
    pub accepted: u32,
    /// Refused by the vendor, or failed there.
    pub failed: u32,
    /// Never sent.
    pub not_sent: u32,
    /// Nobody knows: not charged.
    pub unknown: u32,
    /// What was held for it.
    pub held: Money,
    /// What was charged once it ended.
    pub charged: Money,
    /// What returned once it ended.
    pub released: Money,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl From<PrintJob> for JobView {
    fn from(job: PrintJob) -> Self {
        let status = match (job.status, job.paused_since) {
            (JobStatus::Queued, _) => "queued",
            (JobStatus::Printing, None) => "printing",
            (JobStatus::Printing, Some(_)) => "paused",
            (JobStatus::Completed, _) => "completed",
            (JobStatus::Partial, _) => "partial",
            (JobStatus::Failed, _) => "failed",
        };
        Self {
            print_job_id: job.print_job_id,
            status,
            reason: job.end_reason,
            environment: job.environment,
            pieces: job.pieces,
            accepted: job.accepted,
            failed: job.refused,
            not_sent: job.not_sent,
            unknown: job.unknown,
            held: job.held,
            charged: job.charged,
            released: job.released,
            started_at: job.begun_at,
            finished_at: job.finished_at,
        }
    }
}

impl Printing {
    /// The job of a campaign in this environment; where none is named the live job, or else the one that was
    /// placed last. `None` when the organization has no such campaign, or the
    /// campaign no job.
    ///
    /// # Errors
    /// [`PrintingFailure`] when the table cannot be read.
    pub async fn status(
        &self,
        organization: &OrganizationId,
        campaign: &CampaignId,
        environment: Option<Mode>,
    ) -> Result<Option<JobView>, PrintingFailure> {
        let campaign = self.table.get::<Campaign>(&campaign_key(organization, campaign)).await?;
        let Some(campaign) = campaign.map(|campaign| campaign.record) else { return Ok(None) };
        let occupied_by = campaign.occupied_by(environment.unwrap_or(Mode::Live)).cloned();
        let Some(shown) = occupied_by.or(campaign.latest_job) else { return Ok(None) };
        let job = self.table.get::<PrintJob>(&job_key(organization, &shown)).await?.map(|job| job.record);
        let job = job.filter(|job| environment.is_none_or(|wanted| job.environment == wanted));
        Ok(job.map(JobView::from))
    }
}
