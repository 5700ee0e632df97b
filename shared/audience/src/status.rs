//! A purchase as its owner sees it. Never carries what the vendor charges.

use crate::{AudienceFailure, Purchase, PurchaseStatus, purchase_key};
use money::Money;
use platform::{ObjectStore, objects::DOWNLOAD_LINK};
use recipients::Mode;
use serde::Serialize;
use tables::WorkTable;
use terms::{OrganizationId, PurchaseId, RecipientListId, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PurchaseView {
    pub purchase_id: PurchaseId,
    pub status: PurchaseStatus,
    pub environment: Mode,
    pub audience_name: String,
    /// How many contacts it was placed for.
    pub requested: u32,
    /// How many are stored so far; once settled, how many were delivered.
    pub delivered: u32,
    /// In credits, like the two that follow.
    pub held: Money,
    pub charged: Money,
    pub released: Money,
    /// The list to mail to, once there is one.
    pub recipient_list_id: Option<RecipientListId>,
    /// A link to the contacts as CSV, valid for 5 minutes, once settled.
    pub download: Option<String>,
    pub placed_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// `None`: the organization has no purchase of this id. The download link is made anew each time, only for callers
/// who may have it.
pub async fn status(
    table: &WorkTable,
    objects: &ObjectStore,
    organization: &OrganizationId,
    purchase: &PurchaseId,
    with_download: bool,
) -> Result<Option<PurchaseView>, AudienceFailure> {
    let Some(read) = table.get::<Purchase>(&purchase_key(organization, purchase)).await? else {
        return Ok(None);
    };
    let status = read.record.status();
    let Purchase { placed, state, progress, .. } = read.record;
    let (at, charged, released, csv_key) = match state.end {
        Some(end) => (Some(end.at), end.charged, end.released, end.csv_key),
        None => (None, Money::ZERO, Money::ZERO, None),
    };
    // What nothing was paid for is not handed out.
    let with_download = with_download && placed.environment == Mode::Live;
    let download = match csv_key.as_ref().filter(|_| with_download) {
        Some(key) => Some(objects.presigned_get(key, "contacts.csv", DOWNLOAD_LINK).await?),
        None => None,
    };
    Ok(Some(PurchaseView {
        status,
        environment: placed.environment,
        requested: placed.requested,
        delivered: progress.stored,
        held: placed.held,
        charged,
        released,
        recipient_list_id: csv_key.is_some().then_some(placed.recipient_list_id),
        download,
        placed_at: placed.placed_at,
        finished_at: at,
        audience_name: placed.audience_name.into(),
        purchase_id: placed.purchase_id,
    }))
}
