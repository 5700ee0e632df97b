//! What follows when available credits cross a watched level: alerts, and a check of auto top-up.

use crate::{AutoTopUp, BillingFailure, limits::CROSSING_CHECK_SECONDS};
use alerts::{Alert, AlertKind};
use ledger::Crossing;
use platform::Queue;
use serde::{Deserialize, Serialize};
use tables::{Insert, Replace, Stored, WorkTable};
use terms::{OrganizationId, Timestamp};

/// The message that has an organization's auto top-up checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TopUpMessage {
    pub organization_id: OrganizationId,
}

/// Passes a crossing on. Passing it on twice does no harm: alerts carry its name, and a check of auto top-up decides
/// again.
pub async fn on_crossing(
    work: &WorkTable,
    queue: &Queue,
    crossing: &Crossing,
    now: Timestamp,
) -> Result<(), BillingFailure> {
    let organization = &crossing.organization;
    let settings = alerts::settings_of(work, organization).await?;
    let levels = settings.map(|stored| stored.record.levels).unwrap_or_default();
    for (level, fell) in falls_and_rises(crossing) {
        if levels.contains(&level) {
            let available = crossing.available;
            let kind = if fell {
                AlertKind::LowBalance { level, available }
            } else {
                AlertKind::BalanceRecovered { level, available }
            };
            let which = if fell { "below" } else { "at" };
            let name = format!("{which}-{level}-{}", crossing.seq);
            let alert = Alert::new(organization.clone(), name, crossing.at, kind);
            let _: Insert<Alert> = work.insert(&alert).await?;
        }
    }
    let Some(stored) = work.get::<AutoTopUp>(&AutoTopUp::key_of(organization)).await? else { return Ok(()) };
    if !stored.record.is_on() || !crossing.fell_below.contains(&stored.record.settings.threshold) {
        return Ok(());
    }
    run_low(work, queue, crossing, &stored, now).await
}

/// Below the threshold: a check of auto top-up, which decides again. If a refund, a dispute or a correction removed
/// the credits, its own transaction has paused auto top-up.
async fn run_low(
    work: &WorkTable,
    queue: &Queue,
    crossing: &Crossing,
    stored: &Stored<AutoTopUp>,
    now: Timestamp,
) -> Result<(), BillingFailure> {
    let next_check = now.plus_seconds(CROSSING_CHECK_SECONDS);
    if stored.record.next_check.is_none_or(|at| at > next_check) {
        let next = AutoTopUp { next_check: Some(next_check), ..stored.record.clone() };
        let _: Replace<AutoTopUp> = work.replace(stored, &next).await?;
    }
    let message = TopUpMessage { organization_id: crossing.organization.clone() };
    queue.send(&message).await.map_err(BillingFailure::Queue)
}

fn falls_and_rises(crossing: &Crossing) -> Vec<(money::Money, bool)> {
    let falls = crossing.fell_below.iter().map(|level| (*level, true));
    falls.chain(crossing.rose_to.iter().map(|level| (*level, false))).collect()
}
