//! Auto top-up paused by events elsewhere: a refund, a dispute, a correction. Knows records alone, not Stripe.

use crate::{AutoTopUp, BillingFailure, Pause};
use alerts::{Alert, AlertKind};
use money::Money;
use tables::{Stored, WorkTable, WorkWrite};
use terms::{OrganizationId, Timestamp};

/// The writes that go with reversed credits: an owner who is refunded or disputes a payment is not charged again
/// without consent. None where auto top-up is off or paused.
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

/// The writes that pause auto top-up and alert the owner.
pub(super) fn paused(
    stored: &Stored<AutoTopUp>,
    why: Pause,
    amount: Money,
    now: Timestamp,
) -> Result<Vec<WorkWrite>, BillingFailure> {
    // A charge in flight is continued all the same: its money may have left the card.
    let next_check = stored.record.in_flight.as_ref().and(stored.record.next_check);
    let next = AutoTopUp { paused: Some(why), next_check, ..stored.record.clone() };
    let kind = AlertKind::TopUpFailed { amount, reason: why.as_str().to_owned(), again_at: None };
    let name = format!("top-up-paused-{}", why.as_str());
    let alert = Alert::new(next.organization.clone(), name, now, kind);
    Ok(vec![WorkWrite::replace(stored, &next)?, alert.write()?])
}
