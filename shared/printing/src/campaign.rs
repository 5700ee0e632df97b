//! A campaign: a recipient list, a size and artwork.

use crate::{ArtworkKind, Environment};
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{CampaignId, Fingerprint, OrganizationId, PrintJobId, RecipientListId, Timestamp};

/// Why a text is not a campaign's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a campaign's name is 1 to 120 characters, none of them a control character")]
pub struct NameRefused;

/// What the owner calls a campaign: 1 to 120 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CampaignName(String);

impl CampaignName {
    /// Takes a name, without the blanks around it.
    ///
    /// # Errors
    /// [`NameRefused`] when it is empty, too long or holds control characters.
    pub fn parse(raw: &str) -> Result<Self, NameRefused> {
        let name = raw.trim();
        let length = name.chars().count();
        if !(1..=crate::limits::NAME_LENGTH_MAX).contains(&length) || name.chars().any(char::is_control) {
            return Err(NameRefused);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CampaignName {
    type Error = NameRefused;
    fn try_from(raw: String) -> Result<Self, NameRefused> {
        Self::parse(&raw)
    }
}

impl From<CampaignName> for String {
    fn from(name: CampaignName) -> Self {
        name.0
    }
}

/// The card's size in inches, as the vendor writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PostcardSize {
    /// 6 by 4 inches.
    #[serde(rename = "6x4")]
    Six4,
    /// 9 by 6 inches.
    #[serde(rename = "9x6")]
    Nine6,
    /// 11 by 6 inches.
    #[serde(rename = "11x6")]
    Eleven6,
}

/// A campaign, as it stands in the work table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Campaign {
    /// Whose.
    pub organization_id: OrganizationId,
    /// Its id.
    pub campaign_id: CampaignId,
    /// What the owner calls it.
    pub name: CampaignName,
    /// To whom.
    pub recipient_list_id: RecipientListId,
    /// Whether its recipients were bought, or come from a test order.
    #[serde(default)]
    pub list_environment: Environment,
    /// How many recipients.
    pub pieces: u32,
    /// The card's size.
    pub size: PostcardSize,
    /// Which artwork, and where it stands.
    pub artwork: ArtworkKind,
    /// What the request that made it said.
    pub fingerprint: Fingerprint,
    /// When it was made.
    pub created_at: Timestamp,
    /// The job that occupies it: the one whose pieces may have been mailed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_job: Option<PrintJobId>,
    /// The same, of test jobs, which the vendor keeps apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_job: Option<PrintJobId>,
    /// The job placed last, whatever became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_job: Option<PrintJobId>,
}

impl Campaign {
    /// The job that occupies the campaign in this environment.
    #[must_use]
    pub fn occupied_by(&self, environment: Environment) -> Option<&PrintJobId> {
        match environment {
            Environment::Live => self.live_job.as_ref(),
            Environment::Test => self.test_job.as_ref(),
        }
    }

    /// The campaign with this job in it.
    #[must_use]
    pub fn with_job(&self, environment: Environment, job: &PrintJobId) -> Self {
        let mut next = self.clone();
        *next.slot(environment) = Some(job.clone());
        next.latest_job = Some(job.clone());
        next
    }

    /// The campaign free for another job, if it is this one that occupies it.
    #[must_use]
    pub fn without_job(&self, environment: Environment, job: &PrintJobId) -> Self {
        let mut next = self.clone();
        let slot = next.slot(environment);
        if slot.as_ref() == Some(job) {
            *slot = None;
        }
        next
    }

    fn slot(&mut self, environment: Environment) -> &mut Option<PrintJobId> {
        match environment {
            Environment::Live => &mut self.live_job,
            Environment::Test => &mut self.test_job,
        }
    }
}

impl Record for Campaign {
    const KIND: &'static str = "campaign";

    fn key(&self) -> Key {
        campaign_key(&self.organization_id, &self.campaign_id)
    }
}

/// Where a campaign stands.
#[must_use]
pub fn campaign_key(organization: &OrganizationId, campaign: &CampaignId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("CAMPAIGN#{campaign}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_at_120_characters_and_break_at_121() {
        assert!(CampaignName::parse(&"é".repeat(120)).is_ok());
        for bad in [String::new(), "   ".into(), "x".repeat(121), "a\nb".into()] {
            assert_eq!(CampaignName::parse(&bad), Err(NameRefused), "{bad:?}");
        }
        assert_eq!(CampaignName::parse(" Spring ").map(String::from), Ok("Spring".to_owned()));
    }
}
