//! A campaign's job as its owner sees it: never what the vendor charges.

use crate::{
    Campaign, EndReason, JobStatus, PrintJob, Printing, PrintingFailure, Stage, campaign_key, job_key,
};
use money::Money;
use recipients::Mode;
use serde::Serialize;
use terms::{CampaignId, OrganizationId, PrintJobId, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    pub print_job_id: PrintJobId,
    /// `queued`, `printing`, `paused`, `completed`, `partial` or `failed`.
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<EndReason>,
    pub environment: Mode,
    pub pieces: u32,
    /// Accepted by the vendor: what is charged.
    pub accepted: u32,
    /// Refused by the vendor, or failed there.
    pub failed: u32,
    pub not_sent: u32,
    /// Without a known result: not charged.
    pub unknown: u32,
    /// In credits, like the two that follow.
    pub held: Money,
    pub charged: Money,
    pub released: Money,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

impl From<PrintJob> for JobView {
    fn from(job: PrintJob) -> Self {
        let (status, placed, tally, end) = (job.status(), job.placed, job.results.tally, job.state.end);
        let started_at = match job.state.stage {
            Stage::Placed { .. } => None,
            Stage::Begun(begun) => Some(begun.at),
        };
        Self {
            print_job_id: placed.print_job_id,
            status: match status {
                JobStatus::Queued => "queued",
                JobStatus::Printing if job.pauses.current.is_some() => "paused",
                JobStatus::Printing => "printing",
                JobStatus::Completed => "completed",
                JobStatus::Partial => "partial",
                JobStatus::Failed => "failed",
            },
            reason: end.and_then(|end| end.reason),
            environment: placed.environment,
            pieces: placed.pieces,
            accepted: tally.accepted,
            failed: tally.refused,
            not_sent: tally.not_sent,
            unknown: tally.unknown,
            held: placed.held,
            charged: end.map_or(Money::ZERO, |end| end.charged),
            released: end.map_or(Money::ZERO, |end| end.released),
            started_at,
            finished_at: end.map(|end| end.at),
        }
    }
}

impl Printing {
    /// The job of a campaign in this environment; without one, the live job, or else the job that was placed last.
    /// `None` when the organization has no such campaign, or the campaign has no job.
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
        let job = job.filter(|job| environment.is_none_or(|wanted| job.placed.environment == wanted));
        Ok(job.map(JobView::from))
    }
}
