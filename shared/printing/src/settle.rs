//! How a job ends, and its hold with it: settled once all batches have a result, or released before it began.

use crate::{
    Campaign, EndReason, JobEnd, JobResults, JobState, JobStatus, PrintJob, Printing, PrintingFailure, Tally,
    campaign_key, job_key,
};
use holds::{Ending, HeldFor, HoldEnd};
use ledger::{Vendor, VendorFigures};
use money::{Money, Quantity};
use recipients::Mode;
use tables::{Attempt, Replace, Stored, WorkWrite, retry_while_changed};
use terms::HoldId;

impl Printing {
    /// Settles a job whose batches have all ended. Of several who try, one settles; the rest find it done.
    pub(crate) async fn settle_if_done(&self, seen: &PrintJob) -> Result<(), PrintingFailure> {
        if seen.is_ended() || !seen.is_done() {
            return Ok(());
        }
        let key = job_key(&seen.placed.organization_id, &seen.placed.print_job_id);
        retry_while_changed("a job that is done", || async {
            let read = self.table.get::<PrintJob>(&key).await?;
            let read = read.ok_or(PrintingFailure::Missing("a job"))?;
            if read.record.is_ended() || !read.record.is_done() {
                return Ok(Attempt::Done(()));
            }
            self.settle(&read).await
        })
        .await
    }

    async fn settle(&self, read: &Stored<PrintJob>) -> Result<Attempt<()>, PrintingFailure> {
        let job = &read.record;
        let accepted = Quantity::new(u64::from(job.results.tally.accepted));
        let charge = match job.placed.environment {
            Mode::Live => job.placed.price.charge(accepted)?,
            Mode::Test => Money::ZERO,
        };
        let ended = self.ended(job, job.final_status(), None, charge)?;
        let work = self.end_writes(read, &ended).await?;
        // A job of which nothing was accepted is no order at the vendor.
        let vendor = (job.results.tally.accepted > 0).then_some(VendorFigures {
            vendor: Vendor::PostGrid,
            orders: 1,
            quantity: i64::from(job.results.tally.accepted),
            cost: job.placed.price.vendor_cost(accepted)?,
            charge,
        });
        let description = format!(
            "{} of {} postcards: {}",
            job.results.tally.accepted,
            job.placed.pieces,
            job.placed.campaign_name.as_str()
        );
        self.end(job, description, Ending::Settled { charge, vendor }, work).await
    }

    /// Ends a job that has not begun, hold included, under the condition that it has not begun. A job that
    /// has begun in the meantime goes on.
    pub(crate) async fn end_unbegun(
        &self,
        seen: &PrintJob,
        reason: EndReason,
    ) -> Result<(), PrintingFailure> {
        let key = job_key(&seen.placed.organization_id, &seen.placed.print_job_id);
        retry_while_changed("a job that has not begun", || async {
            let read = self.table.get::<PrintJob>(&key).await?;
            let read = read.ok_or(PrintingFailure::Missing("a job"))?;
            let job = &read.record;
            if job.is_ended() || job.begun().is_some() {
                return Ok(Attempt::Done(()));
            }
            let tally = Tally { not_sent: job.placed.pieces, ..job.results.tally };
            let unsent = PrintJob { results: JobResults { tally, ..job.results }, ..job.clone() };
            let ended = self.ended(&unsent, JobStatus::Failed, Some(reason), Money::ZERO)?;
            let work = self.end_writes(&read, &ended).await?;
            let description = format!("Not printed: {}", job.placed.campaign_name.as_str());
            self.end(job, description, Ending::Released, work).await
        })
        .await
    }

    fn ended(
        &self,
        job: &PrintJob,
        status: JobStatus,
        reason: Option<EndReason>,
        charged: Money,
    ) -> Result<PrintJob, PrintingFailure> {
        let at = self.clock.now();
        let end = JobEnd { at, status, reason, charged, released: job.placed.held.minus(charged)? };
        Ok(PrintJob {
            state: JobState { stage: job.state.stage.clone(), end: Some(end) },
            pauses: job.pauses.resumed(at),
            due_at: None,
            ..job.clone()
        })
    }

    /// The job's end, and its campaign free for another if no piece was ever attempted.
    async fn end_writes(
        &self,
        read: &Stored<PrintJob>,
        ended: &PrintJob,
    ) -> Result<Vec<WorkWrite>, PrintingFailure> {
        let mut writes = vec![WorkWrite::replace(read, ended)?];
        if ended.is_untouched() {
            let key = campaign_key(&ended.placed.organization_id, &ended.placed.campaign_id);
            if let Some(campaign) = self.table.get::<Campaign>(&key).await? {
                let free = campaign.record.without_job(ended.placed.environment, &ended.placed.print_job_id);
                writes.push(WorkWrite::replace(&campaign, &free)?);
            }
        }
        Ok(writes)
    }

    async fn end(
        &self,
        job: &PrintJob,
        description: String,
        ending: Ending,
        work: Vec<WorkWrite>,
    ) -> Result<Attempt<()>, PrintingFailure> {
        if job.placed.environment == Mode::Test {
            return Ok(self.table.write_together(&work).await?.into());
        }
        let (organization, id) = (&job.placed.organization_id, HoldId::from(&job.placed.print_job_id));
        let end = HoldEnd { organization, held_for: HeldFor::Postcards, id, description, ending };
        let ended = holds::end(&self.ledger, end, work).await?;
        if ended == Attempt::Done(()) && job.results.tally.unknown > 0 {
            let (job, pieces) = (&job.placed.print_job_id, job.results.tally.unknown);
            tracing::error!(alarm = "pieces-unknown", %job, pieces, "match these with the vendor's invoice");
        }
        Ok(ended)
    }

    /// Writes a job anew under its version; a change in between is left to whoever made it.
    pub(crate) async fn replace_job(
        &self,
        read: &Stored<PrintJob>,
        next: &PrintJob,
    ) -> Result<Option<Stored<PrintJob>>, PrintingFailure> {
        match self.table.replace(read, next).await? {
            Replace::Done(stored) => Ok(Some(stored)),
            Replace::Changed => Ok(None),
        }
    }
}
