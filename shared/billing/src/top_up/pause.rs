//! Auto top-up paused by what happens elsewhere: a refund, a dispute, a correction. Knows records alone, not Stripe.

use crate::{AutoTopUp, BillingFailure, Pause};
use alerts::{Alert, AlertKind};
use money::Money;
use tables::{Stored, WorkTable, WorkWrite};
use terms::{OrganizationId, Timestamp};

/// What is written with credits that go back because money does: whoever is refunded or disputes is not charged again
/// before they say so. Nothing where auto top-up is off or paused.
pub(crate) async fn pause_writes(
    work: &WorkTable,
    organization: &OrganizationId,
    why: Pause,
    now: Timestamp,
) -> Result<Vec<WorkWrite>, BillingFailure> {
    let stored = work.get::<AutoTopUp>(&AutoTopUp::key_of(organization)).await?;
    let Some(stored) = stored.filter(|stored| stored.record.is_on()) else { return Ok(Vec::new()) };
    paused(&stored, why, stored.record.settings.target, now)
}

/// The writes that pause auto top-up and tell the owner why.
pub(super) fn paused(
    stored: &Stored<AutoTopUp>,
    why: Pause,
    amount: Money,
    now: Timestamp,
) -> Result<Vec<WorkWrite>, BillingFailure> {
    // A charge in flight is gone on with all the same: its money may have left the card.
    let next_check = stored.record.in_flight.as_ref().and(stored.record.next_check);
    let next = AutoTopUp { paused: Some(why), next_check, ..stored.record.clone() };
    let kind = AlertKind::TopUpFailed { amount, reason: why.as_str().to_owned(), again_at: None };
    let name = format!("top-up-paused-{}", why.as_str());
    let alert = Alert::new(next.organization.clone(), name, now, kind);
    Ok(vec![WorkWrite::replace(stored, &next)?, alert.write()?])
}
