//! Artwork: where it is uploaded, how its versions are pinned, and how its bytes are read.

use crate::PrintingFailure;
use bytes::Bytes;
use platform::ObjectStore;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use terms::{CampaignId, OrganizationId};

/// Artwork as a request for a campaign describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewArtwork {
    /// One PDF for all, uploaded as `artwork.pdf`.
    Pdf,
    /// One PDF for each recipient, uploaded as `<personId>.pdf`.
    PdfPerRecipient,
    Html {
        front: String,
        back: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ArtworkKind {
    /// One PDF for all.
    Pdf,
    PdfPerRecipient,
    /// HTML of both sides, stored as one JSON object in the content bucket.
    Html {
        /// Its key; the name carries a hash of the request, so that no other request overwrites it.
        object: String,
    },
}

/// The artwork of a job, fixed to the versions that it had when the job was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Pinned {
    /// One PDF for all.
    Pdf {
        object: String,
        /// Empty in a bucket without versions.
        version: String,
    },
    /// The batches hold the versions.
    PdfPerRecipient,
    Html {
        object: String,
        /// Empty in a bucket without versions.
        version: String,
    },
}

/// HTML of both sides, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sides {
    pub(crate) front: String,
    pub(crate) back: String,
}

/// Where a campaign's artwork is stored; no other campaign's upload policy includes it.
#[must_use]
pub fn artwork_prefix(organization: &OrganizationId, campaign: &CampaignId) -> String {
    format!("artwork/{organization}/{campaign}/")
}

pub(crate) fn shared_pdf(organization: &OrganizationId, campaign: &CampaignId) -> String {
    format!("{}artwork.pdf", artwork_prefix(organization, campaign))
}

/// The PDF of one recipient.
pub(crate) fn recipient_pdf(organization: &OrganizationId, campaign: &CampaignId, person: &str) -> String {
    format!("{}{person}.pdf", artwork_prefix(organization, campaign))
}

/// The keys of everything uploaded for a campaign. This list shows what is missing: without the right to
/// list the whole bucket, S3 does not say of a single key that nothing stands there.
pub(crate) async fn uploaded(
    objects: &ObjectStore,
    organization: &OrganizationId,
    campaign: &CampaignId,
) -> Result<HashSet<String>, PrintingFailure> {
    let found = objects.list(&artwork_prefix(organization, campaign)).await?;
    Ok(found.into_iter().map(|entry| entry.key).collect())
}

/// The version that stands there now; `None` when nothing does.
pub(crate) async fn current_version(
    objects: &ObjectStore,
    key: &str,
) -> Result<Option<String>, PrintingFailure> {
    let head = objects.head(key).await?;
    Ok(head.map(|head| head.version_id.unwrap_or_default()))
}

/// The bytes of a pinned version.
pub(crate) async fn pinned_bytes(
    objects: &ObjectStore,
    key: &str,
    version: &str,
) -> Result<Bytes, PrintingFailure> {
    let found = match version {
        "" => objects.get(key).await?,
        version => objects.get_version(key, version).await?,
    };
    found.ok_or(PrintingFailure::ArtworkGone)
}
