//! The contact fetcher: one worker owns a purchase by its lease, and stores each page before it asks for the
//! next.

use crate::keep::{Flow, Keeper, delivered};
use crate::pages::recipient_of;
use crate::plan::{Call, Reaction, after_failure};
use crate::purchase::{queue_after_pause, queue_fetch};
use crate::record::Readiness;
use crate::{AudienceFailure, FetchStep, Progress, Purchase, Vendors, limits, next_step, purchase_key};
use data_axle_client::{DataAxle, DataAxleFailure, Filter, Person, SearchPage};
use ledger::Ledger;
use platform::{Deadline, ObjectStore, Queue};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tables::{Attempt, Stored, WorkTable, retry_while_changed};
use terms::{Clock, OrganizationId, PurchaseId};

/// The message that has a purchase fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchMessage {
    /// Whose purchase.
    pub organization_id: OrganizationId,
    /// Which purchase.
    pub purchase_id: PurchaseId,
}

impl FetchMessage {
    pub(crate) fn of(purchase: &Purchase) -> Self {
        Self {
            organization_id: purchase.placed.organization_id.clone(),
            purchase_id: purchase.placed.purchase_id.clone(),
        }
    }
}

/// The use cases behind a purchase: fetch, settle, sweep.
#[derive(Debug, Clone)]
pub struct Audience {
    /// Credits.
    pub ledger: Ledger,
    /// Business records.
    pub table: WorkTable,
    /// Contacts.
    pub objects: ObjectStore,
    /// Purchases to fetch.
    pub queue: Queue,
    /// The present time.
    pub clock: Clock,
}

/// One worker under its lease, with the vendor at hand.
struct Worker<'a> {
    keeper: Keeper<'a>,
    vendor: &'a DataAxle,
    filter: Filter,
}

impl Audience {
    /// Fetches a purchase until it is settled, pauses, or time runs short. A delivery that finds nothing to
    /// do is done: what is left is found again through the due index.
    ///
    /// # Errors
    /// [`AudienceFailure`] when something of ours failed: the message must come again.
    pub async fn fetch(
        &self,
        vendors: &Vendors,
        message: &FetchMessage,
        deadline: Deadline,
    ) -> Result<(), AudienceFailure> {
        let key = purchase_key(&message.organization_id, &message.purchase_id);
        retry_while_changed("a purchase", || async {
            let Some(read) = self.table.get::<Purchase>(&key).await? else {
                tracing::error!(purchase = %message.purchase_id, "a purchase that is not known was queued");
                return Ok(Attempt::Done(()));
            };
            match read.record.readiness(self.clock.now()) {
                Readiness::Ended | Readiness::Owned | Readiness::Paused => return Ok(Attempt::Done(())),
                Readiness::NeverBegun => return self.end_unbegun(&read.record).await.map(Attempt::Done),
                Readiness::Overdue | Readiness::Free => {}
            }
            let left = i64::try_from(deadline.remaining().as_secs()).unwrap_or(limits::SETTLE_LEASE_SECONDS);
            let seconds = left.saturating_add(limits::LEASE_MARGIN_SECONDS);
            let Attempt::Done(owned) = self.take_lease(&read, seconds).await? else {
                return Ok(Attempt::Changed);
            };
            let abandoned = read.record.lease().map(|lease| lease.number);
            self.work(vendors, owned, abandoned, deadline).await.map(Attempt::Done)
        })
        .await
    }

    /// The lease, and that the purchase has begun, in one write before any call.
    #[expect(clippy::disallowed_methods, reason = "two workers in one millisecond draw two names")]
    pub(crate) async fn take_lease(
        &self,
        read: &Stored<Purchase>,
        seconds: i64,
    ) -> Result<Attempt<Stored<Purchase>>, AudienceFailure> {
        let now = self.clock.now();
        let next = read.record.leased(now, now.plus_seconds(seconds), fastrand::u64(..));
        Ok(self.table.replace(read, &next).await?.into())
    }

    async fn work(
        &self,
        vendors: &Vendors,
        owned: Stored<Purchase>,
        abandoned: Option<u32>,
        deadline: Deadline,
    ) -> Result<(), AudienceFailure> {
        let vendor = vendors.of(owned.record.placed.environment);
        let filter = owned.record.placed.filters.to_vendor();
        let mut worker = Worker { keeper: Keeper::new(self, owned), vendor, filter };
        if let Flow::Leave = worker.keeper.take_up(abandoned).await? {
            return Ok(());
        }
        let reserve = Duration::from_secs(limits::TIME_LEFT_MIN_SECONDS);
        let mut steps = 0u32;
        loop {
            let purchase = &worker.keeper.owned().record;
            let step = next_step(purchase.placed.requested, &purchase.progress);
            if step == FetchStep::Settle || self.clock.now() >= purchase.placed.deadline {
                return self.settle(worker.keeper.owned()).await;
            }
            // One step is always taken, so that every hand-over has moved the purchase on.
            if steps > 0 && !deadline.has(reserve) {
                return worker.hand_over().await;
            }
            steps = steps.saturating_add(1);
            if let Flow::Leave = worker.take(step).await? {
                return Ok(());
            }
        }
    }
}

impl Worker<'_> {
    async fn take(&mut self, step: FetchStep) -> Result<Flow, AudienceFailure> {
        match step {
            // The loop settles before it comes here.
            FetchStep::Settle => Ok(Flow::GoOn),
            FetchStep::Search { limit, offset } => self.search(limit, offset).await,
            FetchStep::StartScan => self.start_scan().await,
            FetchStep::NextOfScan(scroll) => self.next_of_scan(&scroll).await,
        }
    }

    async fn search(&mut self, limit: u32, offset: u32) -> Result<Flow, AudienceFailure> {
        let Some(page) = SearchPage::new(limit, offset) else {
            return Err(AudienceFailure::Pages("a page of a search is out of the vendor's bounds"));
        };
        match self.vendor.search(&self.filter, page).await {
            Ok(found) => {
                let mut progress = delivered(&self.keeper.owned().record.progress, found.delivered());
                let past_the_last = u64::from(progress.offset) >= found.count;
                progress.exhausted = found.delivered() == 0 || past_the_last;
                self.keep_people(found.people, progress).await
            }
            Err(failure) => self.react(Call::Search, &failure).await,
        }
    }

    /// Counts the start before it is made, so that no crash hides one.
    async fn start_scan(&mut self) -> Result<Flow, AudienceFailure> {
        let before = &self.keeper.owned().record.progress;
        let counted = Progress { scans_started: before.scans_started.saturating_add(1), ..before.clone() };
        if let Flow::Leave = self.keeper.record(counted).await? {
            return Ok(Flow::Leave);
        }
        match self.vendor.scan_start(&self.filter).await {
            Ok(scan) => {
                let before = &self.keeper.owned().record.progress;
                self.keeper.record(Progress { scroll: Some(scan.scroll_id), ..before.clone() }).await
            }
            Err(failure) => self.react(Call::StartScan, &failure).await,
        }
    }

    async fn next_of_scan(&mut self, scroll: &str) -> Result<Flow, AudienceFailure> {
        match self.vendor.scan_next(scroll).await {
            Ok(page) if page.is_last() => {
                let before = &self.keeper.owned().record.progress;
                self.keeper.record(Progress { exhausted: true, scroll: None, ..before.clone() }).await
            }
            Ok(page) => {
                let progress = delivered(&self.keeper.owned().record.progress, page.delivered());
                self.keep_people(page.people, progress).await
            }
            Err(failure) => self.react(Call::NextOfScan, &failure).await,
        }
    }

    async fn keep_people(
        &mut self,
        people: Vec<Person>,
        progress: Progress,
    ) -> Result<Flow, AudienceFailure> {
        self.keeper.keep_page(people.into_iter().map(recipient_of).collect(), progress).await
    }

    async fn react(&mut self, call: Call, failure: &DataAxleFailure) -> Result<Flow, AudienceFailure> {
        let purchase = &self.keeper.owned().record;
        let id = &purchase.placed.purchase_id;
        match failure {
            DataAxleFailure::Unauthorized { .. } => {
                tracing::error!(alarm = "data-axle-key", purchase = %id, %failure, "the vendor refuses our token");
            }
            other => tracing::warn!(purchase = %id, failure = %other, ?call, "a call to the vendor failed"),
        }
        let (progress, reaction) = after_failure(&purchase.progress, call, failure);
        match reaction {
            Reaction::GoOn => self.keeper.record(progress).await,
            Reaction::Pause(asked_seconds) => {
                let now = self.keeper.audience.clock.now();
                let next = purchase.paused(now, progress, asked_seconds);
                if let Flow::GoOn = self.keeper.replace(&next).await? {
                    queue_after_pause(&self.keeper.audience.queue, &next, now).await;
                }
                Ok(Flow::Leave)
            }
        }
    }

    /// Frees the lease and sends the purchase on at once: a scan dies after a minute without a call.
    async fn hand_over(mut self) -> Result<(), AudienceFailure> {
        let next = self.keeper.owned().record.handed_over(self.keeper.audience.clock.now());
        if let Flow::GoOn = self.keeper.replace(&next).await? {
            queue_fetch(&self.keeper.audience.queue, &next).await;
        }
        Ok(())
    }
}
