//! The planner: pins the artwork, writes every batch, marks the job begun, and only then queues.

use crate::artwork::{current_version, recipient_pdf, shared_pdf, uploaded};
use crate::{
    ArtworkKind, Batch, Begun, Campaign, EndReason, JobState, PieceRange, Pinned, PlanMessage, PlannerLease,
    PrintJob, Printing, PrintingFailure, Stage, batches_of, campaign_key, job_key, limits,
};
use futures::{StreamExt, TryStreamExt, stream};
use recipients::{RecipientList, RecipientsFailure, list_key, read_rows};
use tables::Stored;

impl Printing {
    /// Plans one job. A repetition does what an earlier delivery left undone, and nothing twice.
    ///
    /// # Errors
    /// [`PrintingFailure`] when something of ours failed: the message must come again.
    pub async fn plan(&self, message: &PlanMessage) -> Result<(), PrintingFailure> {
        let key = job_key(&message.organization_id, &message.print_job_id);
        let Some(read) = self.table.get::<PrintJob>(&key).await? else {
            tracing::error!(job = %message.print_job_id, "an unknown job was to be planned");
            return Ok(());
        };
        let now = self.clock.now();
        let job = &read.record;
        if job.is_ended() {
            return Ok(());
        }
        match &job.state.stage {
            Stage::Begun(begun) if begun.queued_at.is_some() => return Ok(()),
            Stage::Begun(_) => return self.queue_idle_batches(job).await,
            Stage::Placed { planner: Some(lease) } if lease.until > now => return Ok(()),
            Stage::Placed { .. } => {}
        }
        // Two planners at once could write a batch over one that a worker has begun: one owns the job.
        let until = now.plus_seconds(limits::PLAN_LEASE_SECONDS);
        let planner = PlannerLease { until, owner: terms::unique() };
        let owned = PrintJob { state: JobState::planned_by(planner), due_at: Some(until), ..job.clone() };
        match self.replace_job(&read, &owned).await? {
            Some(owned) => self.plan_owned(&owned).await,
            None => Ok(()),
        }
    }

    async fn plan_owned(&self, owned: &Stored<PrintJob>) -> Result<(), PrintingFailure> {
        let job = &owned.record;
        let Some((pinned, versions)) = self.pin(job).await? else {
            return self.end_unbegun(job, EndReason::ArtworkMissing).await;
        };
        let batches: Vec<Batch> = batches_of(job.placed.pieces)
            .into_iter()
            .map(|(number, range)| {
                let own = of_range(&versions, range);
                Batch::planned(&job.placed.organization_id, &job.placed.print_job_id, (number, range), own)
            })
            .collect();
        self.table.insert_all(&batches).await?;
        let now = self.clock.now();
        let batches_total = u32::try_from(batches.len()).unwrap_or(u32::MAX);
        let begun = Begun { at: now, artwork: pinned, batches_total, queued_at: None };
        let begun = PrintJob {
            state: JobState { stage: Stage::Begun(begun), end: None },
            due_at: Some(now.plus_seconds(limits::NEXT_LOOK_SECONDS)),
            ..job.clone()
        };
        if self.replace_job(owned, &begun).await?.is_none() {
            tracing::warn!(job = %job.placed.print_job_id, "the job ended or changed while it was planned");
            return Ok(());
        }
        let messages: Vec<_> = batches.iter().map(Batch::message).collect();
        self.queue_batches(&messages).await?;
        self.mark_queued(job).await
    }

    /// Queues the batches that nobody works on and no clock looks at.
    pub(crate) async fn queue_idle_batches(&self, job: &PrintJob) -> Result<(), PrintingFailure> {
        let batches = self.table.list::<Batch>(&format!("JOB#{}", job.placed.print_job_id), "BATCH#").await?;
        let idle =
            |batch: &Batch| batch.ended_at.is_none() && batch.lease.is_none() && batch.due_at.is_none();
        let messages: Vec<_> = batches
            .iter()
            .map(|batch| &batch.record)
            .filter(|batch| idle(batch))
            .map(Batch::message)
            .collect();
        self.queue_batches(&messages).await?;
        self.mark_queued(job).await
    }

    /// From here on the sweeper looks at the job once an hour; without the mark it looks sooner.
    async fn mark_queued(&self, job: &PrintJob) -> Result<(), PrintingFailure> {
        let now = self.clock.now();
        let due_at = Some(now.plus_seconds(limits::JOB_LOOK_SECONDS));
        self.change_job(job, |current| {
            let begun = Begun { queued_at: Some(now), ..current.begun()?.clone() };
            let state = JobState { stage: Stage::Begun(begun), end: None };
            Some(PrintJob { state, due_at, ..current.clone() })
        })
        .await
    }

    /// The artwork's versions as they are now, and each recipient's where they have their own. `None` when
    /// some of it is missing.
    async fn pin(&self, job: &PrintJob) -> Result<Option<(Pinned, Vec<String>)>, PrintingFailure> {
        let campaign = self
            .table
            .get::<Campaign>(&campaign_key(&job.placed.organization_id, &job.placed.campaign_id))
            .await?;
        let campaign = campaign.ok_or(PrintingFailure::Missing("the campaign of a job"))?.record;
        match campaign.artwork {
            ArtworkKind::Pdf => {
                let object = shared_pdf(&job.placed.organization_id, &job.placed.campaign_id);
                let versions = self.versions(job, vec![object.clone()]).await?;
                let version = versions.and_then(|versions| versions.into_iter().next());
                Ok(version.map(|version| (Pinned::Pdf { object, version }, Vec::new())))
            }
            ArtworkKind::Html { object } => {
                let versions = self.versions(job, vec![object.clone()]).await?;
                let version = versions.and_then(|versions| versions.into_iter().next());
                Ok(version.map(|version| (Pinned::Html { object, version }, Vec::new())))
            }
            ArtworkKind::PdfPerRecipient => {
                let objects = self.own_objects(job).await?;
                let versions = self.versions(job, objects).await?;
                Ok(versions.map(|versions| (Pinned::PdfPerRecipient, versions)))
            }
        }
    }

    /// The key of each recipient's own artwork, in the list's order.
    async fn own_objects(&self, job: &PrintJob) -> Result<Vec<String>, PrintingFailure> {
        let key = list_key(&job.placed.organization_id, &job.placed.recipient_list_id);
        let list = self.table.get::<RecipientList>(&key).await?;
        let list = list.ok_or(RecipientsFailure::Damaged("the list is missing"))?.record;
        let recipients = read_rows(&self.objects, &list.pages, 0..job.placed.pieces).await?;
        Ok(recipients
            .iter()
            .map(|recipient| {
                recipient_pdf(&job.placed.organization_id, &job.placed.campaign_id, &recipient.person_id)
            })
            .collect())
    }

    /// The versions of these objects as they are now; `None` when one is missing.
    async fn versions(
        &self,
        job: &PrintJob,
        objects: Vec<String>,
    ) -> Result<Option<Vec<String>>, PrintingFailure> {
        let found = uploaded(&self.objects, &job.placed.organization_id, &job.placed.campaign_id).await?;
        if !objects.iter().all(|object| found.contains(object)) {
            return Ok(None);
        }
        let versions = stream::iter(
            objects.into_iter().map(|object| async move { current_version(&self.objects, &object).await }),
        );
        let versions: Vec<Option<String>> = versions.buffered(limits::PINS_AT_ONCE).try_collect().await?;
        Ok(versions.into_iter().collect())
    }
}

/// The versions of one batch's pieces; none where the pieces share their artwork.
fn of_range(versions: &[String], range: PieceRange) -> Vec<String> {
    let index = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    versions.get(index(range.from)..index(range.to)).map(<[String]>::to_vec).unwrap_or_default()
}
