//! The levels that the ledger watches: those of the owner's alerts, and auto top-up's threshold.

use crate::{AutoTopUp, BillingFailure};
use alerts::AlertSettings;
use ledger::{Ledger, Watch};
use money::Money;
use tables::{Attempt, WorkTable, WorkWrite, retry_while_changed};
use terms::OrganizationId;

/// The levels of both records.
async fn wanted_watch(work: &WorkTable, organization: &OrganizationId) -> Result<Watch, BillingFailure> {
    let levels = alerts::settings_of(work, organization).await?;
    let levels = levels.map(|stored| stored.record.levels).unwrap_or_default();
    let top_up = work.get::<AutoTopUp>(&AutoTopUp::key_of(organization)).await?;
    let settings = top_up.map(|stored| stored.record.settings).filter(|settings| settings.enabled);
    let levels = levels.into_iter().chain(settings.map(|settings| settings.threshold));
    watch_of(levels, organization)
}

/// An account watches at most three levels and one threshold: more of them in the records means damage.
pub(super) fn watch_of(
    levels: impl IntoIterator<Item = Money>,
    organization: &OrganizationId,
) -> Result<Watch, BillingFailure> {
    let damaged = |_| BillingFailure::DamagedRecord { kind: "watched levels", id: organization.to_string() };
    Watch::new(levels).map_err(damaged)
}

/// Alert levels and threshold are set in separate records: after each write the other record is read again, so that
/// the later of two never omits the earlier one.
pub(super) async fn watch_both(
    ledger: &Ledger,
    work: &WorkTable,
    organization: &OrganizationId,
) -> Result<(), BillingFailure> {
    retry_while_changed("the watched levels", || async {
        let wanted = wanted_watch(work, organization).await?;
        if ledger.account(organization).await?.watch == wanted {
            return Ok(Attempt::Done(()));
        }
        let _: Result<(), usize> = ledger.set_watch(organization, &wanted, &[]).await?;
        Ok(Attempt::Changed)
    })
    .await
}

/// Sets at which balances an owner is alerted; the ledger watches them beside auto top-up's threshold. After a
/// failure nothing is set, and the same may be set again.
pub async fn set_alert_levels(
    ledger: &Ledger,
    work: &WorkTable,
    next: &AlertSettings,
) -> Result<(), BillingFailure> {
    let organization = &next.organization;
    retry_while_changed("the alert levels", || async {
        let known = alerts::settings_of(work, organization).await?;
        let top_up = work.get::<AutoTopUp>(&AutoTopUp::key_of(organization)).await?;
        let threshold = top_up.map(|stored| stored.record.settings).filter(|settings| settings.enabled);
        let levels = next.levels.iter().copied().chain(threshold.map(|settings| settings.threshold));
        let watch = watch_of(levels, organization)?;
        let write = match &known {
            Some(known) => WorkWrite::replace(known, next)?,
            None => WorkWrite::insert(next)?,
        };
        if ledger.set_watch(organization, &watch, &[write]).await?.is_ok() {
            return watch_both(ledger, work, organization).await.map(Attempt::Done);
        }
        Ok(Attempt::Changed)
    })
    .await
}
