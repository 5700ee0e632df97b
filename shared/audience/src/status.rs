//! A purchase as its owner sees it. Never carries what the vendor charges.

use crate::{AudienceFailure, Purchase, PurchaseStatus, purchase_key};
use money::Money;
use platform::{ObjectStore, objects::DOWNLOAD_LINK};
use recipients::Mode;
use serde::Serialize;
use tables::WorkTable;
use terms::{OrganizationId, PurchaseId, RecipientListId, Timestamp};

/// A purchase's state and progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PurchaseView {
    /// Its id.
    pub purchase_id: PurchaseId,
    /// How far it is.
    pub status: PurchaseStatus,
    /// Live or test.
    pub environment: Mode,
    /// What the owner calls it.
    pub audience_name: String,
    /// How many contacts it was placed for.
    pub requested: u32,
    /// How many are stored so far; once settled, how many were delivered.
    pub delivered: u32,
    /// What was held, in credits.
    pub held: Money,
    /// What was charged.
    pub charged: Money,
    /// What was returned.
    pub released: Money,
    /// The list to mail to, once there is one.
    pub recipient_list_id: Option<RecipientListId>,
    /// Where the contacts can be fetched as CSV for 5 minutes, once settled.
    pub download: Option<String>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// How a purchase stands; the organization has none of this id: `None`. The download link is made for callers
/// who may have it only, anew each time.
///
/// # Errors
/// [`AudienceFailure`] when the record cannot be read or the link cannot be signed.
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
    let purchase = read.record;
    // What nothing was paid for is not handed out.
    let with_download = with_download && purchase.environment == Mode::Live;
    let download = match purchase.csv_key.as_ref().filter(|_| with_download) {
        Some(key) => Some(objects.presigned_get(key, "contacts.csv", DOWNLOAD_LINK).await?),
        None => None,
    };
    Ok(Some(PurchaseView {
        status: purchase.status,
        environment: purchase.environment,
        requested: purchase.requested,
        delivered: purchase.progress.stored,
        held: purchase.held,
        charged: purchase.charged,
        released: purchase.released,
        recipient_list_id: purchase.csv_key.is_some().then_some(purchase.recipient_list_id),
        download,
        placed_at: purchase.placed_at,
        finished_at: purchase.finished_at,
        audience_name: purchase.audience_name.into(),
        purchase_id: purchase.purchase_id,
    }))
}
