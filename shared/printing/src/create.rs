//! Creating a campaign, and the one policy under which its artwork is uploaded.

use crate::artwork::Sides;
use crate::{
    ArtworkKind, Campaign, CampaignName, NewArtwork, PostcardSize, Printing,
    PrintingError::{self, Refused},
    PrintingFailure, artwork_prefix, campaign_key, limits,
};
use platform::{ContentType, Upload, UploadRules};
use recipients::{RecipientList, list_key};
use tables::{Insert, Taken};
use terms::{CampaignId, Fingerprint, IdempotencyKey, OrganizationId, RecipientListId};

/// A campaign to create.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// What the owner calls it.
    pub name: CampaignName,
    /// To whom.
    pub recipient_list: RecipientListId,
    /// To how many of the list at most, in its order; `None`: to all.
    pub pieces_max: Option<u32>,
    /// The card's size.
    pub size: PostcardSize,
    /// Its artwork.
    pub artwork: NewArtwork,
    /// The caller's key, if one was sent: the same key is the same campaign.
    pub key: Option<IdempotencyKey>,
    /// What the request said.
    pub fingerprint: Fingerprint,
}

/// A campaign, and how its artwork is uploaded; HTML needs no upload.
#[derive(Debug, Clone)]
pub struct CampaignOpened {
    /// The campaign.
    pub campaign: Campaign,
    /// One form for every file under the campaign's prefix.
    pub upload: Option<Upload>,
}

/// A campaign that stands.
#[derive(Debug, Clone)]
pub enum Opened {
    /// Since just now.
    New(CampaignOpened),
    /// Since the same request was first sent.
    Replay(CampaignOpened),
}

/// Why no campaign was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateRefusal {
    /// The organization has no such recipient list.
    RecipientListMissing,
    /// The list has no recipients, or more than one job prints.
    PiecesOutOfBounds(u32),
    /// The key was used for another campaign.
    KeyReused,
    /// The organization has created as many as it may in this hour.
    TooMany {
        /// When the next hour begins, in seconds.
        retry_after_seconds: u64,
    },
}

impl Printing {
    /// Creates a campaign. The same request again is answered with the same campaign and a fresh policy.
    ///
    /// # Errors
    /// [`PrintingError`]; when something of ours failed the same request may be sent again.
    pub async fn create(
        &self,
        organization: &OrganizationId,
        wanted: &NewCampaign,
    ) -> Result<Opened, PrintingError<CreateRefusal>> {
        let id = campaign_id(organization, wanted.key.as_ref());
        if let Some(earlier) = self.table.get::<Campaign>(&campaign_key(organization, &id)).await? {
            return self.replay(earlier.record, wanted).await;
        }
        let list = self.table.get::<RecipientList>(&list_key(organization, &wanted.recipient_list)).await?;
        let list = list.ok_or(Refused(CreateRefusal::RecipientListMissing))?;
        let pieces = list.record.contacts.min(wanted.pieces_max.unwrap_or(u32::MAX));
        if !(1..=limits::JOB_PIECES_MAX).contains(&pieces) {
            return Err(Refused(CreateRefusal::PiecesOutOfBounds(pieces)));
        }
        let now = self.clock.now();
        let quota = format!("campaigns#{organization}");
        let taken = self.table.take(&quota, limits::CAMPAIGNS_OF_AN_ORGANIZATION, now).await?;
        if let Taken::Full { retry_after_seconds } = taken {
            return Err(Refused(CreateRefusal::TooMany { retry_after_seconds }));
        }
        let campaign = Campaign {
            organization_id: organization.clone(),
            artwork: self.artwork_kind(organization, &id, wanted).await?,
            campaign_id: id,
            name: wanted.name.clone(),
            recipient_list_id: wanted.recipient_list.clone(),
            list_environment: list.record.environment,
            pieces,
            size: wanted.size,
            fingerprint: wanted.fingerprint.clone(),
            created_at: now,
            live_job: None,
            test_job: None,
            latest_job: None,
        };
        match self.table.insert(&campaign).await? {
            Insert::Done(stored) => Ok(Opened::New(self.opened(stored.record).await?)),
            Insert::Exists(earlier) => self.replay(earlier.record, wanted).await,
        }
    }

    async fn replay(
        &self,
        campaign: Campaign,
        wanted: &NewCampaign,
    ) -> Result<Opened, PrintingError<CreateRefusal>> {
        if campaign.fingerprint != wanted.fingerprint {
            return Err(Refused(CreateRefusal::KeyReused));
        }
        Ok(Opened::Replay(self.opened(campaign).await?))
    }

    /// HTML is stored in the content bucket, written before the campaign that names it.
    async fn artwork_kind(
        &self,
        organization: &OrganizationId,
        campaign: &CampaignId,
        wanted: &NewCampaign,
    ) -> Result<ArtworkKind, PrintingFailure> {
        match &wanted.artwork {
            NewArtwork::Pdf => Ok(ArtworkKind::Pdf),
            NewArtwork::PdfPerRecipient => Ok(ArtworkKind::PdfPerRecipient),
            NewArtwork::Html { front, back } => {
                let request: String = wanted.fingerprint.as_str().chars().take(16).collect();
                let object = format!("{}html-{request}.json", artwork_prefix(organization, campaign));
                let sides = Sides { front: front.clone(), back: back.clone() };
                let bytes =
                    serde_json::to_vec(&sides).map_err(|_| PrintingFailure::Missing("artwork as JSON"))?;
                self.objects.put(&object, bytes, "application/json").await?;
                Ok(ArtworkKind::Html { object })
            }
        }
    }

    async fn opened(&self, campaign: Campaign) -> Result<CampaignOpened, PrintingFailure> {
        let prefix = artwork_prefix(&campaign.organization_id, &campaign.campaign_id);
        let rules = UploadRules {
            prefix: &prefix,
            content_type: ContentType::Exactly("application/pdf"),
            bytes_max: limits::ARTWORK_BYTES_MAX,
            valid_seconds: limits::UPLOAD_VALID_SECONDS,
        };
        let upload = match campaign.artwork {
            ArtworkKind::Html { .. } => None,
            ArtworkKind::Pdf | ArtworkKind::PdfPerRecipient => {
                Some(self.objects.upload_policy(&rules, self.clock.now()).await?)
            }
        };
        Ok(CampaignOpened { campaign, upload })
    }
}

/// Derived from the caller's key; without one, every request is a campaign of its own.
fn campaign_id(organization: &OrganizationId, key: Option<&IdempotencyKey>) -> CampaignId {
    match key {
        Some(key) => CampaignId::derive(&[organization.as_str(), "campaign-create", key.as_str()]),
        None => {
            let once = terms::unique();
            CampaignId::derive(&[organization.as_str(), "campaign-create-once", &once])
        }
    }
}
