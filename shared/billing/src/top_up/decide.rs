//! Whether to charge, and how much. Pure.

use crate::AutoTopUp;
use ledger::FrozenReason;
use money::{Money, MoneyError};
use terms::{Month, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TopUpDecision {
    /// Nothing, until something changes or the time comes.
    Wait(Option<Timestamp>),
    /// Continue the charge in flight.
    Resume,
    /// Nothing more this month.
    CapReached(Money),
    /// Nothing during a dispute.
    Disputed(Money),
    /// One charge up to the target.
    Charge(Money),
}

/// Decides by the record, the available credits and why the account is frozen, at `now`.
pub(super) fn decide(
    record: &AutoTopUp,
    available: Money,
    frozen: &[FrozenReason],
    now: Timestamp,
) -> Result<TopUpDecision, MoneyError> {
    if record.in_flight.is_some() {
        return Ok(TopUpDecision::Resume);
    }
    let settings = &record.settings;
    if !settings.enabled || record.paused.is_some() || available >= settings.threshold {
        return Ok(TopUpDecision::Wait(None));
    }
    if let Some(until) = record.wait_until.filter(|until| *until > now) {
        return Ok(TopUpDecision::Wait(Some(until)));
    }
    let (least, most) = (pricing::limits::purchase_least(), pricing::limits::purchase_most());
    let gap = settings.target.minus(available)?.max(least).min(most);
    if frozen.contains(&FrozenReason::Dispute) {
        return Ok(TopUpDecision::Disputed(gap));
    }
    let left = settings.monthly_cap.minus(record.charged_in(Month::of(now)))?;
    let amount = gap.min(left);
    if amount < least { Ok(TopUpDecision::CapReached(gap)) } else { Ok(TopUpDecision::Charge(amount)) }
}

#[cfg(test)]
mod tests {
    use super::super::TopUpSettings;
    use super::*;
    use terms::{Actor, OrganizationId};

    fn money(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    fn record() -> AutoTopUp {
        AutoTopUp {
            organization: OrganizationId::parse("org_a").unwrap(),
            settings: TopUpSettings {
                enabled: true,
                threshold: money("50"),
                target: money("500"),
                monthly_cap: money("1000"),
            },
            actor: Actor::user("u"),
            origin: None,
            in_flight: None,
            month: Month::of(at()),
            charged: Money::ZERO,
            declines: 0,
            wait_until: None,
            paused: None,
            cap_notified_in: None,
            next_check: None,
        }
    }

    fn at() -> Timestamp {
        Timestamp::parse("2026-11-24T10:00:00.000Z").unwrap()
    }

    fn check(record: &AutoTopUp, available: &str, expected: TopUpDecision) {
        assert_eq!(decide(record, money(available), &[], at()).unwrap(), expected, "{record:?}");
    }

    #[test]
    fn one_charge_closes_the_gap_within_the_cap() {
        check(&record(), "50", TopUpDecision::Wait(None));
        check(&record(), "49.99", TopUpDecision::Charge(money("450.01")));
        check(&record(), "-20", TopUpDecision::Charge(money("520")));
        let charged = AutoTopUp { charged: money("700"), ..record() };
        check(&charged, "0", TopUpDecision::Charge(money("300")));
        let charged = AutoTopUp { charged: money("990"), ..record() };
        check(&charged, "0", TopUpDecision::Charge(money("10")));
        let charged = AutoTopUp { charged: money("990.01"), ..record() };
        check(&charged, "0", TopUpDecision::CapReached(money("500")));
        let earlier = AutoTopUp { month: Month::of(at()).previous(), ..charged };
        check(&earlier, "0", TopUpDecision::Charge(money("500")));
    }

    #[test]
    fn nothing_is_charged_while_off_paused_waiting_or_disputed() {
        let mut off = record();
        off.settings.enabled = false;
        check(&off, "0", TopUpDecision::Wait(None));
        check(
            &AutoTopUp { paused: Some(super::super::Pause::NoCard), ..record() },
            "0",
            TopUpDecision::Wait(None),
        );
        let until = at().plus_seconds(1);
        let waiting = AutoTopUp { wait_until: Some(until), ..record() };
        check(&waiting, "0", TopUpDecision::Wait(Some(until)));
        let waited = AutoTopUp { wait_until: Some(at()), ..record() };
        check(&waited, "0", TopUpDecision::Charge(money("500")));
        assert_eq!(
            decide(&record(), Money::ZERO, &[FrozenReason::Dispute], at()).unwrap(),
            TopUpDecision::Disputed(money("500"))
        );
    }
}
