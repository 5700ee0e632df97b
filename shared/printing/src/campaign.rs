//! A campaign: a recipient list, a size and artwork.

use crate::ArtworkKind;
use recipients::Mode;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{CampaignId, Fingerprint, OrganizationId, PersonText, PrintJobId, RecipientListId, Timestamp};

pub type CampaignName = PersonText<{ crate::limits::NAME_LENGTH_MAX }>;

/// In inches, as the vendor writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PostcardSize {
    #[serde(rename = "6x4")]
    Six4,
    #[serde(rename = "9x6")]
    Nine6,
    #[serde(rename = "11x6")]
    Eleven6,
}

/// A campaign, as stored in the work table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Campaign {
    pub organization_id: OrganizationId,
    pub campaign_id: CampaignId,
    pub name: CampaignName,
    pub recipient_list_id: RecipientListId,
    /// Whether its recipients were bought, or come from a test order.
    #[serde(default)]
    pub list_environment: Mode,
    /// How many recipients.
    pub pieces: u32,
    pub size: PostcardSize,
    pub artwork: ArtworkKind,
    /// The hash of the request that created it.
    pub fingerprint: Fingerprint,
    pub created_at: Timestamp,
    /// The live job whose pieces may have been mailed: there may be no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_job: Option<PrintJobId>,
    /// The same for test jobs, which the vendor keeps apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_job: Option<PrintJobId>,
    /// The job placed last, whatever its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_job: Option<PrintJobId>,
}

impl Campaign {
    /// The job that excludes another one in this environment.
    #[must_use]
    pub fn occupied_by(&self, environment: Mode) -> Option<&PrintJobId> {
        match environment {
            Mode::Live => self.live_job.as_ref(),
            Mode::Test => self.test_job.as_ref(),
        }
    }

    #[must_use]
    pub fn with_job(&self, environment: Mode, job: &PrintJobId) -> Self {
        let mut next = self.clone();
        *next.slot(environment) = Some(job.clone());
        next.latest_job = Some(job.clone());
        next
    }

    /// The campaign free for another job, if this one excluded it.
    #[must_use]
    pub fn without_job(&self, environment: Mode, job: &PrintJobId) -> Self {
        let mut next = self.clone();
        let slot = next.slot(environment);
        if slot.as_ref() == Some(job) {
            *slot = None;
        }
        next
    }

    fn slot(&mut self, environment: Mode) -> &mut Option<PrintJobId> {
        match environment {
            Mode::Live => &mut self.live_job,
            Mode::Test => &mut self.test_job,
        }
    }
}

impl Record for Campaign {
    const KIND: &'static str = "campaign";

    fn key(&self) -> Key {
        campaign_key(&self.organization_id, &self.campaign_id)
    }
}

#[must_use]
pub fn campaign_key(organization: &OrganizationId, campaign: &CampaignId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("CAMPAIGN#{campaign}"))
}
