//! Auto top-up: the owner's settings and the state of its charges.

use crate::{BillingFailure, fraud_warnings::standing::ReadWarnings, top_up::watch::watch_both};
use ledger::{FrozenReason, Ledger, Watch};
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Attempt, Key, Lane, Record, Stored, WorkTable, WorkWrite, retry_while_changed};
use terms::{Actor, Month, OrderId, OrganizationId, Timestamp};

/// Why no new charge begins before the owner acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pause {
    /// Three times in a row.
    Declined,
    /// The bank wants the owner to confirm a payment.
    AuthenticationRequired,
    /// No card is saved.
    NoCard,
    /// Credits were refunded: an owner who leaves is not charged again.
    Refunded,
    /// A payment is disputed.
    Disputed,
    /// Finance reviewed a charge and did not grant it.
    Dismissed,
    /// Finance removed credits: a correction is not a reason to charge.
    Corrected,
}

impl Pause {
    /// As it is written in records and responses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::AuthenticationRequired => "authentication-required",
            Self::NoCard => "no-card",
            Self::Refunded => "refunded",
            Self::Disputed => "disputed",
            Self::Dismissed => "dismissed",
            Self::Corrected => "corrected",
        }
    }
}

/// The one charge that may be in progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InFlight {
    pub order_id: OrderId,
    /// In USD.
    pub amount: Money,
    /// The month whose cap it counts against.
    pub month: Month,
}

/// What an owner sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TopUpSettings {
    pub enabled: bool,
    /// In available credits: below it, a charge brings them up to `target`.
    pub threshold: Money,
    pub target: Money,
    /// The most that is charged in one UTC month, in USD.
    pub monthly_cap: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TopUpRefusal {
    #[error("the threshold is from 0.01 to 10000.00 credits")]
    Threshold,
    #[error("the target is at least 10.00 credits above the threshold and at most 20000.00")]
    Target,
    #[error("the monthly cap is from 10.00 to 100000.00 USD")]
    Cap,
    #[error("too many levels are watched")]
    TooManyLevels,
}

impl TopUpSettings {
    /// Checks the bounds of each setting.
    pub fn check(&self) -> Result<(), TopUpRefusal> {
        let dollars = |dollars: i64| Money::from_cents(dollars * 100).unwrap_or(Money::ZERO);
        if !self.threshold.is_positive() || self.threshold > dollars(10_000) {
            return Err(TopUpRefusal::Threshold);
        }
        let least = self.threshold.plus(pricing::limits::purchase_least());
        if least.is_ok_and(|least| self.target < least) || self.target > dollars(20_000) {
            return Err(TopUpRefusal::Target);
        }
        if self.monthly_cap < pricing::limits::purchase_least() || self.monthly_cap > dollars(100_000) {
            return Err(TopUpRefusal::Cap);
        }
        Ok(())
    }
}

/// An organization's auto top-up: settings and state in one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoTopUp {
    pub organization: OrganizationId,
    pub settings: TopUpSettings,
    /// Who set it.
    pub actor: Actor,
    /// The origin at which it was set, where an owner sees the outcome of a charge; `None` in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<InFlight>,
    /// The month that `charged` counts.
    pub month: Month,
    /// Charged in that month or in flight, in USD.
    pub charged: Money,
    /// In a row.
    pub declines: u32,
    /// After a decline: no charge before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_until: Option<Timestamp>,
    /// No charge before the owner acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// The month in which the owner was alerted that the cap is reached.
    #[serde(rename = "capTold", default, skip_serializing_if = "Option::is_none")]
    pub cap_notified_in: Option<Month>,
    /// Recovery's next check.
    #[serde(rename = "lookAt", default, skip_serializing_if = "Option::is_none")]
    pub next_check: Option<Timestamp>,
}

impl AutoTopUp {
    #[must_use]
    pub fn key_of(organization: &OrganizationId) -> Key {
        Key::new(format!("ORG#{organization}"), "AUTO-TOP-UP")
    }

    /// Whether it buys: switched on, and not paused.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.settings.enabled && self.paused.is_none()
    }

    /// Charged or in flight in a month, in USD.
    #[must_use]
    pub fn charged_in(&self, month: Month) -> Money {
        if self.month == month { self.charged } else { Money::ZERO }
    }
}

impl Record for AutoTopUp {
    const KIND: &'static str = "auto-top-up";
    const LANE: Lane = Lane::Recovery;

    fn key(&self) -> Key {
        Self::key_of(&self.organization)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.next_check
    }
}

/// What an owner sees of auto top-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TopUpView {
    /// `None` before anything was set.
    pub settings: Option<TopUpSettings>,
    /// Charged or in flight this month, in USD.
    pub charged_this_month: Money,
    pub in_flight: Option<InFlight>,
    /// Why nothing is charged before the owner acts.
    pub paused: Option<&'static str>,
    /// After a decline: when the card is tried again.
    pub wait_until: Option<Timestamp>,
}

impl TopUpView {
    #[must_use]
    pub fn of(record: Option<&AutoTopUp>, now: Timestamp) -> Self {
        Self {
            settings: record.map(|record| record.settings),
            charged_this_month: record.map_or(Money::ZERO, |record| record.charged_in(Month::of(now))),
            in_flight: record.and_then(|record| record.in_flight.clone()),
            paused: record.and_then(|record| record.paused).map(Pause::as_str),
            wait_until: record.and_then(|record| record.wait_until),
        }
    }
}

/// Sets an organization's auto top-up; the ledger watches its threshold beside the owner's alert levels. Setting it again
/// resumes it after a pause, except during a dispute or a fraud warning. `origin` is the console's, without a trailing
/// slash. After a failure nothing is set, and the same may be set again.
pub async fn set_auto_top_up(
    ledger: &Ledger,
    work: &WorkTable,
    organization: &OrganizationId,
    settings: TopUpSettings,
    (actor, origin): (&Actor, &str),
    now: Timestamp,
) -> Result<Result<AutoTopUp, TopUpRefusal>, BillingFailure> {
    if let Err(refused) = settings.check() {
        return Ok(Err(refused));
    }
    retry_while_changed("auto top-up", || async {
        let known = work.get::<AutoTopUp>(&AutoTopUp::key_of(organization)).await?;
        let levels = alerts::settings_of(work, organization).await?;
        let mut levels = levels.map(|stored| stored.record.levels).unwrap_or_default();
        if settings.enabled {
            levels.push(settings.threshold);
        }
        let Ok(watch) = Watch::new(levels) else {
            return Ok(Attempt::Done(Err(TopUpRefusal::TooManyLevels)));
        };
        let warnings = ReadWarnings::of(work, organization).await?;
        let disputed = ledger.balance(organization).await?.frozen.contains(&FrozenReason::Dispute);
        let paused = (settings.enabled && (disputed || warnings.any())).then_some(Pause::Disputed);
        let origin = Some(origin.to_owned());
        let set = changed(known.as_ref(), organization, settings, actor, now);
        let next = AutoTopUp { paused, origin, ..set };
        let write = match &known {
            Some(known) => WorkWrite::replace(known, &next)?,
            None => WorkWrite::insert(&next)?,
        };
        // A fraud warning that arrives now either pauses what is set, or is read first.
        let writes = [write, warnings.unchanged()?];
        if ledger.set_watch(organization, &watch, &writes).await?.is_ok() {
            watch_both(ledger, work, organization).await?;
            return Ok(Attempt::Done(Ok(next)));
        }
        Ok(Attempt::Changed)
    })
    .await
}

/// New settings over the existing state: a charge in flight and what was charged stay.
fn changed(
    known: Option<&Stored<AutoTopUp>>,
    organization: &OrganizationId,
    settings: TopUpSettings,
    actor: &Actor,
    now: Timestamp,
) -> AutoTopUp {
    let known = known.map(|stored| &stored.record);
    AutoTopUp {
        organization: organization.clone(),
        settings,
        actor: actor.clone(),
        origin: None,
        in_flight: known.and_then(|known| known.in_flight.clone()),
        month: known.map_or(Month::of(now), |known| known.month),
        charged: known.map_or(Money::ZERO, |known| known.charged),
        declines: 0,
        wait_until: None,
        paused: None,
        cap_notified_in: None,
        // the balance may be below the threshold already
        next_check: settings.enabled.then_some(now).or(known.and_then(|known| known.next_check)),
    }
}
