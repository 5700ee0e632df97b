//! What the sweeper does with a job or batch that is due, and with a batch that the queue gave up.

use crate::step::waiting;
use crate::{
    Batch, BatchMessage, BatchStep, Closing, ClosingReason, EndReason, PrintJob, Printing, PrintingFailure,
    batch_key, job_key, limits, next_step,
};
use tables::{Key, Replace, StillChanging, Stored};

impl Printing {
    /// Looks at a job that is due: queues its plan or its idle batches again, ends it, or settles it.
    ///
    /// # Errors
    /// [`PrintingFailure`] when something of ours failed: it stays due.
    pub async fn sweep_job(&self, key: &Key) -> Result<(), PrintingFailure> {
        let Some(read) = &self.table.get::<PrintJob>(key).await? else { return Ok(()) };
        let (job, now) = (&read.record, self.clock.now());
        if job.due_at.is_none_or(|due| due > now) {
            return Ok(());
        }
        if job.is_done() {
            return self.settle_if_done(job).await;
        }
        if job.begun().is_some() {
            return self.queue_idle_batches(job).await;
        }
        if now >= job.placed.created_at.plus_seconds(limits::NOT_BEGUN_SECONDS) {
            return self.end_unbegun(job, EndReason::NotBegun).await;
        }
        // Put off first: a planner that takes the message at once must not meet this write.
        let later = self.next_look(job);
        if self.replace_job(read, &PrintJob { due_at: Some(later), ..job.clone() }).await?.is_some() {
            self.plans.send(&job.plan_message()).await?;
        }
        Ok(())
    }

    /// Never later than the time at which a job that has not begun ends.
    fn next_look(&self, job: &PrintJob) -> terms::Timestamp {
        let end = job.placed.created_at.plus_seconds(limits::NOT_BEGUN_SECONDS);
        self.clock.now().plus_seconds(limits::NEXT_LOOK_SECONDS).min(end)
    }

    /// Looks at a batch that is due: queues it again.
    ///
    /// # Errors
    /// [`PrintingFailure`] when something of ours failed: it stays due.
    pub async fn sweep_batch(&self, key: &Key) -> Result<(), PrintingFailure> {
        let Some(read) = &self.table.get::<Batch>(key).await? else { return Ok(()) };
        let (batch, now) = (&read.record, self.clock.now());
        let due = batch.due_at.is_some_and(|due| due <= now);
        if batch.ended_at.is_some() || !due || batch.is_leased(now) {
            return Ok(());
        }
        let later = now.plus_seconds(limits::NEXT_LOOK_SECONDS);
        let put_off = Batch { due_at: Some(later), ..batch.clone() };
        if let Replace::Done(_) = self.table.replace(read, &put_off).await? {
            self.queue_batches(&[batch.message()]).await?;
        }
        Ok(())
    }

    /// Takes a batch that the queue gave up: it sends nothing more. Untouched pieces are not sent; pieces in
    /// doubt are looked up by a worker. If even that fails until the queue gives up again, they stay unknown.
    ///
    /// # Errors
    /// [`PrintingFailure`] when something of ours failed, or a worker still owns the batch: the message must
    /// come again.
    pub async fn bury(&self, message: &BatchMessage) -> Result<(), PrintingFailure> {
        let key = job_key(&message.organization_id, &message.print_job_id);
        let Some(job) = self.table.get::<PrintJob>(&key).await? else { return Ok(()) };
        let key = batch_key(&message.print_job_id, message.batch);
        let Some(read) = self.table.get::<Batch>(&key).await? else { return Ok(()) };
        let now = self.clock.now();
        let before = read.record.closing.filter(|closing| closing.reason == ClosingReason::Dead);
        // The second time round no look-up is waited for: as if the time for look-ups were over.
        let since = match before.map(|closing| closing.since) {
            None => now,
            Some(first) if now < first.plus_seconds(limits::DEAD_AGAIN_SECONDS) => first,
            Some(_) => now.plus_seconds(-limits::CLOSING_SECONDS),
        };
        let closing = Some(Closing { reason: ClosingReason::Dead, since });
        let dead = Batch { closing, not_before: None, ..read.record.clone() };
        tracing::error!(job = %dead.print_job_id, batch = dead.batch, "a dead batch sends nothing more");
        match next_step(&dead, &job.record, now) {
            BatchStep::Ended => self.settle_if_done(&job.record).await,
            BatchStep::Leased => Err(StillChanging("a dead batch").into()),
            BatchStep::Finish(batch, tally) => self.end_batch(&read, batch, tally).await,
            BatchStep::Wait(batch) => self.put_to_rest(&read, &batch).await,
            BatchStep::Work(work) => self.put_to_rest(&read, &waiting(work.batch, now)).await,
        }
    }

    /// Stores a dead batch with the time at which the sweeper queues it for its look-ups.
    async fn put_to_rest(&self, read: &Stored<Batch>, dead: &Batch) -> Result<(), PrintingFailure> {
        match self.table.replace(read, dead).await? {
            Replace::Done(_) => Ok(()),
            Replace::Changed => Err(StillChanging("a dead batch").into()),
        }
    }
}
