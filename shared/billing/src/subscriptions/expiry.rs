//! Free credits that end: the owner is alerted seven days before.

use crate::{BillingFailure, SubscriptionGrant, limits::EXPIRY_NOTICE_SECONDS};
use alerts::{Alert, AlertKind};
use ledger::Ledger;
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Key, Record, WorkTable, WorkWrite};
use terms::{OrganizationId, Timestamp};

/// Reminds the sweeper to check credits before they end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpiryNotice {
    organization: OrganizationId,
    /// The invoice that the credits came with.
    source: String,
    ends_at: Timestamp,
    /// `None` once it was checked.
    #[serde(rename = "lookAt")]
    next_check: Option<Timestamp>,
}

impl ExpiryNotice {
    pub(crate) fn of(grant: &SubscriptionGrant) -> Option<Self> {
        let ends_at = grant.expires_at?;
        Some(Self {
            organization: grant.organization.clone(),
            source: grant.invoice.clone(),
            ends_at,
            next_check: Some(ends_at.plus_seconds(-EXPIRY_NOTICE_SECONDS)),
        })
    }
}

impl Record for ExpiryNotice {
    const KIND: &'static str = "expiry-notice";

    fn key(&self) -> Key {
        Key::new(format!("ORG#{}", self.organization), format!("EXPIRY#{}", self.source))
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.next_check
    }
}

/// Alerts the owner of credits that end soon, if any of them are unused. After a failure the check stays due.
pub async fn on_expiry_notice(
    ledger: &Ledger,
    work: &WorkTable,
    key: &Key,
    now: Timestamp,
) -> Result<(), BillingFailure> {
    let Some(notice) = work.get::<ExpiryNotice>(key).await? else { return Ok(()) };
    let ExpiryNotice { organization, source, ends_at, .. } = &notice.record;
    let account = ledger.account(organization).await?;
    let unused = account.lots.iter().filter(|lot| lot.expires_at == Some(*ends_at) && lot.source == *source);
    let amount = Money::sum(unused.map(|lot| lot.remaining))?;
    let rescheduled = ExpiryNotice { next_check: None, ..notice.record.clone() };
    let mut writes = vec![WorkWrite::replace(&notice, &rescheduled)?];
    if amount.is_positive() && *ends_at > now {
        let kind = AlertKind::CreditsExpiring { amount, ends_at: *ends_at };
        writes.push(Alert::new(organization.clone(), format!("expiring-{source}"), now, kind).write()?);
    }
    work.write_together(&writes).await?;
    Ok(())
}
