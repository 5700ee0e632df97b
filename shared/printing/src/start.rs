//! Placing a job: the hold, the job's record and the campaign's in one transaction, then the plan.

use crate::artwork::{recipient_pdf, shared_pdf, uploaded};
use crate::{
    ArtworkKind, Campaign, JobResults, JobState, Pauses, PlacedJob, PrintJob, Printing,
    PrintingError::{self, Refused},
    PrintingFailure, campaign_key, job_key, limits,
};
use holds::{HeldFor, HoldRefusal, NewHold, PlaceError};
use money::{Money, Quantity};
use recipients::{Mode, RecipientList, RecipientsFailure, list_key, read_rows};
use tables::{Attempt, OpenBound, Opened, Stored, WorkWrite, retry_while_changed};
use terms::{Actor, CampaignId, Fingerprint, HoldId, IdempotencyKey, OrganizationId, PrintJobId};

/// What the owner orders.
#[derive(Debug, Clone)]
pub struct PrintOrder {
    /// Which campaign.
    pub campaign: CampaignId,
    /// Live or test.
    pub environment: Mode,
    /// The caller's key: the same key is the same order.
    pub key: IdempotencyKey,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who ordered.
    pub actor: Actor,
}

/// A job that is placed.
#[derive(Debug, Clone)]
pub enum Started {
    /// Just now.
    New(PrintJob),
    /// Earlier, by the same order.
    Replay(PrintJob),
}

/// Why a job is not placed. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintRefusal {
    /// The organization has no such campaign.
    CampaignMissing,
    /// The key was used for another order.
    KeyReused,
    /// The campaign's earlier job may have mailed pieces.
    JobExists(PrintJobId),
    /// Artwork of this many pieces is missing.
    ArtworkMissing(u32),
    /// The recipients come from a test order, and the job is live.
    TestList,
    /// A test job of so many pieces.
    TestTooLarge(u32),
    /// As many test jobs as may be are open.
    TooManyTests,
    /// The hold is refused.
    Credits(HoldRefusal),
}

/// The test jobs that an organization has open.
const OPEN_TESTS: OpenBound = OpenBound { name: "test-jobs", limit: limits::OPEN_TESTS_MAX };

impl Printing {
    /// Places a job and has it planned. The same order again is answered with the same job.
    ///
    /// # Errors
    /// [`PrintingError`]; when something of ours failed the same order may be sent again.
    pub async fn print(
        &self,
        organization: &OrganizationId,
        order: &PrintOrder,
    ) -> Result<Started, PrintingError<PrintRefusal>> {
        let id = PrintJobId::derive(&[organization.as_str(), "campaign-print", order.key.as_str()]);
        match self.place(organization, &id, order).await {
            // Another delivery of this very order may have been faster: then its job is the answer.
            Err(Refused(refusal)) => self.earlier(organization, &id, order).await?.ok_or(Refused(refusal)),
            placed => placed,
        }
    }

    /// The job of an earlier delivery of this very order.
    async fn earlier(
        &self,
        organization: &OrganizationId,
        id: &PrintJobId,
        order: &PrintOrder,
    ) -> Result<Option<Started>, PrintingError<PrintRefusal>> {
        match self.table.get::<PrintJob>(&job_key(organization, id)).await? {
            None => Ok(None),
            Some(job) if job.record.placed.fingerprint == order.fingerprint => {
                Ok(Some(Started::Replay(job.record)))
            }
            Some(_) => Err(Refused(PrintRefusal::KeyReused)),
        }
    }

    async fn place(
        &self,
        organization: &OrganizationId,
        id: &PrintJobId,
        order: &PrintOrder,
    ) -> Result<Started, PrintingError<PrintRefusal>> {
        let attempt = || self.try_to_place(organization, id, order);
        let started = retry_while_changed("a campaign", attempt).await?;
        if let Started::New(job) = &started {
            self.queue_plan(job).await;
        }
        Ok(started)
    }

    async fn try_to_place(
        &self,
        organization: &OrganizationId,
        id: &PrintJobId,
        order: &PrintOrder,
    ) -> Result<Attempt<Started>, PrintingError<PrintRefusal>> {
        if let Some(earlier) = self.earlier(organization, id, order).await? {
            return Ok(Attempt::Done(earlier));
        }
        let campaign = self.printable(organization, order).await?;
        let job = self.new_job(id, &campaign.record, order)?;
        let written = self.write(&job, &campaign, order).await?;
        Ok(written.map(|()| Started::New(job)))
    }

    /// The campaign, if it may be printed as ordered.
    async fn printable(
        &self,
        organization: &OrganizationId,
        order: &PrintOrder,
    ) -> Result<Stored<Campaign>, PrintingError<PrintRefusal>> {
        let campaign = self.table.get::<Campaign>(&campaign_key(organization, &order.campaign)).await?;
        let campaign = campaign.ok_or(Refused(PrintRefusal::CampaignMissing))?;
        let record = &campaign.record;
        if order.environment == Mode::Live && record.list_environment == Mode::Test {
            return Err(Refused(PrintRefusal::TestList));
        }
        if order.environment == Mode::Test && record.pieces > limits::TEST_PIECES_MAX {
            return Err(Refused(PrintRefusal::TestTooLarge(record.pieces)));
        }
        if let Some(earlier) = record.occupied_by(order.environment) {
            return Err(Refused(PrintRefusal::JobExists(earlier.clone())));
        }
        match self.missing_artwork(record).await? {
            0 => Ok(campaign),
            missing => Err(Refused(PrintRefusal::ArtworkMissing(missing))),
        }
    }

    fn new_job(
        &self,
        id: &PrintJobId,
        campaign: &Campaign,
        order: &PrintOrder,
    ) -> Result<PrintJob, PrintingFailure> {
        let now = self.clock.now();
        let price = self.prices.at(now).postcards();
        let held = match order.environment {
            Mode::Live => price.charge(Quantity::new(u64::from(campaign.pieces)))?,
            Mode::Test => Money::ZERO,
        };
        Ok(PrintJob {
            placed: PlacedJob {
                organization_id: campaign.organization_id.clone(),
                print_job_id: id.clone(),
                campaign_id: campaign.campaign_id.clone(),
                campaign_name: campaign.name.clone(),
                recipient_list_id: campaign.recipient_list_id.clone(),
                size: campaign.size,
                environment: order.environment,
                pieces: campaign.pieces,
                price,
                held,
                fingerprint: order.fingerprint.clone(),
                created_at: now,
            },
            state: JobState::placed(),
            results: JobResults::default(),
            pauses: Pauses::default(),
            due_at: Some(now.plus_seconds(limits::FIRST_LOOK_SECONDS)),
        })
    }

    /// Hold, job and campaign, all or none.
    async fn write(
        &self,
        job: &PrintJob,
        campaign: &Stored<Campaign>,
        order: &PrintOrder,
    ) -> Result<Attempt<()>, PrintingError<PrintRefusal>> {
        let occupied = campaign.record.with_job(job.placed.environment, &job.placed.print_job_id);
        let occupied = WorkWrite::replace(campaign, &occupied)?;
        if job.placed.environment == Mode::Test {
            let is_open = |earlier: &PrintJob| !earlier.is_ended();
            return match self.table.insert_bounded(OPEN_TESTS, job, &[occupied], is_open).await? {
                Opened::Done(_) => Ok(Attempt::Done(())),
                Opened::Exists(_) | Opened::Changed => Ok(Attempt::Changed),
                Opened::Full => Err(Refused(PrintRefusal::TooManyTests)),
            };
        }
        let work = vec![WorkWrite::insert(job)?, occupied];
        let hold = NewHold {
            organization: &job.placed.organization_id,
            held_for: HeldFor::Postcards,
            id: HoldId::from(&job.placed.print_job_id),
            amount: job.placed.held,
            fingerprint: &order.fingerprint,
            actor: &order.actor,
            description: format!("{} postcards: {}", job.placed.pieces, job.placed.campaign_name.as_str()),
        };
        holds::place(&self.ledger, hold, work).await.map_err(|error| match error {
            PlaceError::KeyReused => Refused(PrintRefusal::KeyReused),
            PlaceError::Refused(refusal) => Refused(PrintRefusal::Credits(refusal)),
            PlaceError::Failed(failure) => failure.into(),
        })
    }

    /// The fast path only: a message that is lost is found again by the job's due time.
    async fn queue_plan(&self, job: &PrintJob) {
        if let Err(failure) = self.plans.send(&job.plan_message()).await {
            platform::log::failure("a print job was not queued", &failure);
        }
    }

    /// How many pieces have no artwork, where that is cheap to know; the planner looks at larger jobs.
    async fn missing_artwork(&self, campaign: &Campaign) -> Result<u32, PrintingFailure> {
        let (organization, id) = (&campaign.organization_id, &campaign.campaign_id);
        match &campaign.artwork {
            ArtworkKind::Html { .. } => Ok(0),
            ArtworkKind::Pdf => {
                let found = uploaded(&self.objects, organization, id).await?;
                Ok(if found.contains(&shared_pdf(organization, id)) { 0 } else { campaign.pieces })
            }
            ArtworkKind::PdfPerRecipient if campaign.pieces > limits::ARTWORK_CHECKED_AT_PRINT => Ok(0),
            ArtworkKind::PdfPerRecipient => {
                let list = list_key(organization, &campaign.recipient_list_id);
                let list = self.table.get::<RecipientList>(&list).await?;
                let list = list.ok_or(RecipientsFailure::Damaged("the list is missing"))?.record;
                let recipients = read_rows(&self.objects, &list.pages, 0..campaign.pieces).await?;
                let found = uploaded(&self.objects, organization, id).await?;
                let missing = recipients.iter().filter(|recipient| {
                    !found.contains(&recipient_pdf(organization, id, &recipient.person_id))
                });
                Ok(u32::try_from(missing.count()).unwrap_or(u32::MAX))
            }
        }
    }
}
