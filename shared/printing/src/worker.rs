//! The batch worker: reads first, takes the lease and records the intent in one write, calls, stores.

use crate::artwork::pinned_bytes;
use crate::artwork::{Sides, recipient_pdf};
use crate::calls::{Calls, Prepared, Ran};
use crate::step::{first_look_up, waiting};
use crate::{
    Batch, BatchLease, BatchMessage, BatchStep, BatchWork, Outcome, Pinned, PrintJob, Printing,
    PrintingFailure, Tally, Vendors, batch_key, job_key, limits, next_step, piece,
};
use platform::Deadline;
use postgrid_client::Artwork;
use recipients::{Mode, RecipientList, RecipientsFailure, list_key, read_rows};
use std::time::Duration;
use tables::{Attempt, Replace, Stored, retry_while_changed};
use terms::Timestamp;

impl Printing {
    /// Works on one batch until it has a result, waits, or time runs short. A delivery that finds nothing to
    /// do is done: what is left is found again through the due index. When something of ours is out of order a
    /// fresh message takes this one's place, so that no outage uses up a batch's receives.
    ///
    /// # Errors
    /// [`PrintingFailure`] when the batch itself is at fault, or no fresh message could be sent: this one must
    /// come again.
    pub async fn work(
        &self,
        vendors: &Vendors,
        message: &BatchMessage,
        deadline: Deadline,
    ) -> Result<(), PrintingFailure> {
        match self.work_on(vendors, message, deadline).await {
            Err(failure) if failure.is_an_outage() => {
                platform::log::failure("a batch waits until ours is in order again", &failure);
                let later = Duration::from_secs(limits::OUTAGE_PAUSE_SECONDS);
                Ok(self.batches.send_after(message, later).await?)
            }
            worked => worked,
        }
    }

    async fn work_on(
        &self,
        vendors: &Vendors,
        message: &BatchMessage,
        deadline: Deadline,
    ) -> Result<(), PrintingFailure> {
        if !deadline.has(Duration::from_secs(limits::TIME_LEFT_MIN_SECONDS)) {
            return self.queue_batches(std::slice::from_ref(message)).await;
        }
        retry_while_changed("a batch", || async {
            let job_key = job_key(&message.organization_id, &message.print_job_id);
            let Some(job) = self.table.get::<PrintJob>(&job_key).await? else {
                tracing::error!(job = %message.print_job_id, "a batch of no known job was queued");
                return Ok(Attempt::Done(()));
            };
            if job.record.begun().is_none() {
                return Ok(Attempt::Done(()));
            }
            let key = batch_key(&message.print_job_id, message.batch);
            let batch = self.table.get::<Batch>(&key).await?;
            let batch = batch.ok_or(PrintingFailure::Missing("a batch of a job that has begun"))?;
            self.take_step(vendors, &job.record, &batch, deadline).await
        })
        .await
    }

    async fn take_step(
        &self,
        vendors: &Vendors,
        job: &PrintJob,
        batch: &Stored<Batch>,
        deadline: Deadline,
    ) -> Result<Attempt<()>, PrintingFailure> {
        match next_step(&batch.record, job, self.clock.now()) {
            BatchStep::Leased => Ok(Attempt::Done(())),
            BatchStep::Ended => self.settle_if_done(job).await.map(Attempt::Done),
            BatchStep::Wait(next) if next == batch.record => Ok(Attempt::Done(())),
            BatchStep::Wait(next) => {
                let written = Attempt::from(self.table.replace(batch, &next).await?);
                Ok(written.map(drop))
            }
            BatchStep::Finish(next, tally) => self.end_batch(batch, next, tally).await.map(Attempt::Done),
            BatchStep::Work(work) => self.attempt(vendors, job, batch, work, deadline).await,
        }
    }

    async fn attempt(
        &self,
        vendors: &Vendors,
        job: &PrintJob,
        batch: &Stored<Batch>,
        work: BatchWork,
        deadline: Deadline,
    ) -> Result<Attempt<()>, PrintingFailure> {
        let closing = work.batch.closing.is_some();
        let pieces = self.prepare(job, &work).await?;
        let now = self.clock.now();
        let until = now.plus_seconds(limits::BATCH_LEASE_SECONDS);
        let lease = BatchLease { owner: terms::unique(), until, intent_at: (!closing).then_some(now) };
        let leased = Batch {
            lease: Some(lease),
            due_at: Some(until),
            attempt: work.batch.attempt.saturating_add(1),
            ..work.batch.clone()
        };
        let Replace::Done(leased) = self.table.replace(batch, &leased).await? else {
            return Ok(Attempt::Changed);
        };
        let client = match job.placed.environment {
            Mode::Live => &vendors.live,
            Mode::Test => &vendors.test,
        };
        let pace = &vendors.pace;
        let live = job.placed.environment == Mode::Live;
        let calls = Calls { client, pace, clock: &self.clock, deadline, pieces: &pieces, closing, live };
        let ran = calls.run(&work).await;
        self.store(job, &leased, ran).await.map(Attempt::Done)
    }

    /// Reads recipients and artwork of the whole batch, before any lease is taken.
    async fn prepare(&self, job: &PrintJob, work: &BatchWork) -> Result<Vec<Prepared>, PrintingFailure> {
        let key = list_key(&job.placed.organization_id, &job.placed.recipient_list_id);
        let list = self.table.get::<RecipientList>(&key).await?;
        let list = list.ok_or(RecipientsFailure::Damaged("the list is missing"))?.record;
        let recipients = read_rows(&self.objects, &list.pages, work.batch.range.recipients()).await?;
        let shared = if work.batch.closing.is_some() { None } else { self.shared_artwork(job).await? };
        let mut pieces = Vec::with_capacity(recipients.len());
        for (place, recipient) in recipients.iter().enumerate() {
            let wanted = work.send.contains(&place) || work.look_up.contains(&place);
            let artwork = match &shared {
                _ if !wanted || work.batch.closing.is_some() => None,
                Some(artwork) => Some(artwork.clone()),
                None => {
                    let object = recipient_pdf(
                        &job.placed.organization_id,
                        &job.placed.campaign_id,
                        &recipient.person_id,
                    );
                    let version = work.batch.artwork_versions.get(place).map_or("", String::as_str);
                    Some(Artwork::Pdf(pinned_bytes(&self.objects, &object, version).await?))
                }
            };
            pieces.push(Prepared {
                piece: piece::piece_id(&job.placed.campaign_id, &recipient.person_id),
                postcard: artwork.map(|artwork| piece::postcard(job, recipient, artwork)),
            });
        }
        Ok(pieces)
    }

    /// The artwork that all pieces share; `None` when each has its own.
    async fn shared_artwork(&self, job: &PrintJob) -> Result<Option<Artwork>, PrintingFailure> {
        match job.begun().map(|begun| &begun.artwork) {
            Some(Pinned::Pdf { object, version }) => {
                Ok(Some(Artwork::Pdf(pinned_bytes(&self.objects, object, version).await?)))
            }
            Some(Pinned::Html { object, version }) => {
                let bytes = pinned_bytes(&self.objects, object, version).await?;
                let sides: Sides =
                    serde_json::from_slice(&bytes).map_err(|_| PrintingFailure::ArtworkGone)?;
                Ok(Some(Artwork::Html { front: sides.front, back: sides.back }))
            }
            Some(Pinned::PdfPerRecipient) => Ok(None),
            None => Err(PrintingFailure::Missing("the pinned artwork of a job that has begun")),
        }
    }

    /// Stores what the calls brought, under the lease; only then is anything noted on the job.
    async fn store(&self, job: &PrintJob, leased: &Stored<Batch>, ran: Ran) -> Result<(), PrintingFailure> {
        let resumed = ran.heard && ran.trouble.is_none() && job.pauses.current.is_some();
        self.store_outcomes(job, leased, ran).await?;
        if resumed { self.note_resumed(job).await } else { Ok(()) }
    }

    async fn store_outcomes(
        &self,
        job: &PrintJob,
        leased: &Stored<Batch>,
        ran: Ran,
    ) -> Result<(), PrintingFailure> {
        let now = self.clock.now();
        let free =
            Batch { lease: None, due_at: None, outcomes: ran.outcomes.clone(), ..leased.record.clone() };
        if let Some(tally) = Tally::of(&free.outcomes) {
            return self.end_batch(leased, free, tally).await;
        }
        if let Some(asked) = ran.trouble {
            let longest = limits::PAUSE_ASKED_MAX_SECONDS;
            let asked = i64::try_from(asked.as_secs()).unwrap_or(longest).min(longest);
            // A vendor that answered in between is not in the trouble that it was in before.
            let before = if ran.heard { job.resumed(now) } else { job.clone() };
            let until = now.plus_seconds(before.pauses.next_seconds().max(asked));
            self.keep(leased, &waiting(free, until)).await?;
            return self.note_paused(job, ran.heard, (now, until)).await;
        }
        if ran.out_of_time || free.outcomes.contains(&Outcome::Untouched) {
            let again = Batch { due_at: Some(now), ..free };
            self.keep(leased, &again).await?;
            return self.queue_batches(&[again.message()]).await;
        }
        let until = first_look_up(&free.outcomes).unwrap_or(now);
        self.keep(leased, &waiting(free, until)).await
    }

    /// Writes what the lease protects. If the lease was lost, whoever has it counts the pieces as in doubt.
    async fn keep(&self, leased: &Stored<Batch>, next: &Batch) -> Result<(), PrintingFailure> {
        if let Replace::Changed = self.table.replace(leased, next).await? {
            tracing::warn!(job = %next.print_job_id, batch = next.batch, "a lease was lost");
        }
        Ok(())
    }

    /// Puts the job itself into the pause, unless another worker just has.
    async fn note_paused(
        &self,
        job: &PrintJob,
        heard: bool,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(), PrintingFailure> {
        tracing::warn!(job = %job.placed.print_job_id, until = %until, "the vendor is in trouble: the job pauses");
        self.change_job(job, |current| {
            let paused_already = current.pauses.until_after(now).is_some();
            let before = if heard { current.resumed(now) } else { current.clone() };
            (!paused_already).then(|| before.paused(now, until))
        })
        .await
    }

    async fn note_resumed(&self, job: &PrintJob) -> Result<(), PrintingFailure> {
        let now = self.clock.now();
        self.change_job(job, |current| current.pauses.current.is_some().then(|| current.resumed(now))).await
    }

    /// Changes a job that has not ended, beside its counters. Whoever changes it in every attempt knows better: then it
    /// is left to the next worker.
    pub(crate) async fn change_job(
        &self,
        job: &PrintJob,
        change: impl Fn(&PrintJob) -> Option<PrintJob>,
    ) -> Result<(), PrintingFailure> {
        let key = job_key(&job.placed.organization_id, &job.placed.print_job_id);
        let changed = retry_while_changed("a job", || async {
            let Some(read) = self.table.get::<PrintJob>(&key).await? else { return Ok(Attempt::Done(())) };
            let open = !read.record.is_ended();
            let Some(next) = change(&read.record).filter(|_| open) else { return Ok(Attempt::Done(())) };
            let written = Attempt::from(self.table.replace(&read, &next).await?);
            Ok(written.map(drop))
        });
        match changed.await {
            Err(PrintingFailure::Contended(_)) => Ok(()),
            changed => changed,
        }
    }
}
