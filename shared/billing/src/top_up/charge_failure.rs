//! How a charge of the saved card stands, why one failed, and what follows from that. Pure.

use crate::{
    AutoTopUp, InFlight, Pause,
    limits::{DECLINE_WAITS_SECONDS, DECLINES_MAX},
    orders::order::DISMISSED,
};
use money::MoneyError;
use stripe_client::{PaymentIntent, PaymentIntentStatus};
use terms::Timestamp;

/// Where a charge stands, by its payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChargeState {
    /// The money is there.
    Succeeded,
    /// Stripe is still at it.
    UnderWay,
    /// It ended without money, or only its owner could go on with it.
    Failed(ChargeFailure),
}

/// Why a charge brought no credits. Its code stands in the order, and its owner reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChargeFailure {
    /// The bank wants the owner to confirm the payment.
    AuthenticationRequired,
    /// It waited for somebody who did not come.
    Unfinished,
    /// Stripe does not know of the charge: it was never made.
    NotFound,
    /// Its money was not what was ordered, and finance did not grant it.
    Dismissed,
    /// Stripe refused it: the card was declined, or is no longer saved, or the request could not be as it was.
    Declined {
        /// Stripe's own word, or `declined` where it has none.
        code: String,
    },
}

/// When the next charge is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextCharge {
    /// After a while, by itself.
    Retry,
    /// Not before the owner acts.
    Paused(Pause),
}

const AUTHENTICATION_REQUIRED: &str = "authentication_required";
const UNFINISHED: &str = "unfinished";
const NOT_FOUND: &str = "not-found";
const DECLINED: &str = "declined";

impl ChargeState {
    /// `is_overdue`: the time is over in which the charge can be asked for.
    pub(super) fn of(payment: &PaymentIntent, is_overdue: bool) -> Self {
        match payment.status {
            PaymentIntentStatus::Succeeded => Self::Succeeded,
            PaymentIntentStatus::RequiresAction => Self::Failed(ChargeFailure::AuthenticationRequired),
            PaymentIntentStatus::RequiresPaymentMethod | PaymentIntentStatus::Canceled => {
                Self::Failed(ChargeFailure::of_code(payment.last_error_code.as_deref()))
            }
            PaymentIntentStatus::Processing => Self::UnderWay,
            PaymentIntentStatus::RequiresConfirmation
            | PaymentIntentStatus::RequiresCapture
            | PaymentIntentStatus::Other(_) => {
                if is_overdue {
                    Self::Failed(ChargeFailure::Unfinished)
                } else {
                    Self::UnderWay
                }
            }
        }
    }
}

impl ChargeFailure {
    /// By Stripe's code, or the one that stands in the order.
    pub(super) fn of_code(code: Option<&str>) -> Self {
        match code.unwrap_or(DECLINED) {
            AUTHENTICATION_REQUIRED => Self::AuthenticationRequired,
            UNFINISHED => Self::Unfinished,
            NOT_FOUND => Self::NotFound,
            DISMISSED => Self::Dismissed,
            code => Self::Declined { code: code.to_owned() },
        }
    }

    /// As it stands in the order.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::AuthenticationRequired => AUTHENTICATION_REQUIRED,
            Self::Unfinished => UNFINISHED,
            Self::NotFound => NOT_FOUND,
            Self::Dismissed => DISMISSED,
            Self::Declined { code } => code,
        }
    }

    /// The word of the owner's alert.
    pub(super) fn alert_reason(&self) -> &'static str {
        match self {
            Self::AuthenticationRequired => "authentication-required",
            Self::NotFound => "not-found",
            Self::Dismissed => "dismissed",
            Self::Unfinished | Self::Declined { .. } => "declined",
        }
    }

    /// Its payment is open at Stripe for its owner to confirm. It is canceled: whoever pays another way must not pay twice.
    pub(super) fn leaves_payment_open(&self) -> bool {
        match self {
            Self::AuthenticationRequired | Self::Unfinished => true,
            Self::NotFound | Self::Dismissed | Self::Declined { .. } => false,
        }
    }

    /// Whether money was charged all the same.
    fn took_money(&self) -> bool {
        *self == Self::Dismissed
    }

    /// What follows for the next charge, after so many failures in a row, this one included. A pause that came while the
    /// charge was in flight stands.
    pub(super) fn next_charge(&self, failures: u32, paused: Option<Pause>) -> NextCharge {
        match self {
            Self::AuthenticationRequired => NextCharge::Paused(Pause::AuthenticationRequired),
            // Money that was not what was ordered would come again the same way.
            Self::Dismissed => NextCharge::Paused(Pause::Dismissed),
            Self::Unfinished | Self::NotFound | Self::Declined { .. } if failures >= DECLINES_MAX => {
                NextCharge::Paused(Pause::Declined)
            }
            Self::Unfinished | Self::NotFound | Self::Declined { .. } => {
                paused.map_or(NextCharge::Retry, NextCharge::Paused)
            }
        }
    }
}

/// The record after the charge in flight failed: its amount no longer counts, and the next one waits or needs the owner.
pub(super) fn after_failure(
    record: &AutoTopUp,
    in_flight: &InFlight,
    failure: &ChargeFailure,
    now: Timestamp,
) -> Result<AutoTopUp, MoneyError> {
    let is_counted = in_flight.month == record.month && !failure.took_money();
    let charged = if is_counted { record.charged.minus(in_flight.amount)? } else { record.charged };
    let declines = record.declines.saturating_add(1);
    let (wait_until, paused) = match failure.next_charge(declines, record.paused) {
        NextCharge::Retry => (Some(now.plus_seconds(DECLINE_WAITS_SECONDS)), None),
        NextCharge::Paused(why) => (None, Some(why)),
    };
    let next_check = wait_until.filter(|_| record.settings.enabled);
    Ok(AutoTopUp { in_flight: None, charged, declines, wait_until, paused, next_check, ..record.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::TopUpSettings;
    use super::*;
    use money::Money;
    use serde_json::json;
    use terms::{Actor, Month, OrderId, OrganizationId};

    fn declined(code: &str) -> ChargeFailure {
        ChargeFailure::Declined { code: code.to_owned() }
    }

    /// Every failure with its code, the word of its alert, whether its payment is open, and what follows.
    fn failures() -> [(ChargeFailure, &'static str, &'static str, bool, NextCharge); 6] {
        let retry = NextCharge::Retry;
        let authentication = NextCharge::Paused(Pause::AuthenticationRequired);
        [
            (
                ChargeFailure::AuthenticationRequired,
                "authentication_required",
                "authentication-required",
                true,
                authentication,
            ),
            (ChargeFailure::Unfinished, "unfinished", "declined", true, retry),
            (ChargeFailure::NotFound, "not-found", "not-found", false, retry),
            (ChargeFailure::Dismissed, "dismissed", "dismissed", false, NextCharge::Paused(Pause::Dismissed)),
            (declined("declined"), "declined", "declined", false, retry),
            (declined("card_declined"), "card_declined", "declined", false, retry),
        ]
    }

    #[test]
    fn every_failure_has_a_code_a_word_for_its_owner_and_what_follows() {
        for (failure, code, reason, open, next) in failures() {
            assert_eq!(ChargeFailure::of_code(Some(code)), failure);
            assert_eq!((failure.code(), failure.alert_reason()), (code, reason));
            assert_eq!(failure.leaves_payment_open(), open, "{code}");
            assert_eq!(failure.next_charge(1, None), next, "{code}");
        }
        assert_eq!(ChargeFailure::of_code(None), declined("declined"));
    }

    #[test]
    fn the_third_failure_in_a_row_pauses_and_a_pause_that_came_before_stands() {
        for (failure, code, _, _, next) in failures() {
            let by_itself = next == NextCharge::Retry;
            let expected = |why| if by_itself { NextCharge::Paused(why) } else { next };
            assert_eq!(failure.next_charge(2, None), next, "{code}");
            assert_eq!(failure.next_charge(3, None), expected(Pause::Declined), "{code}");
            assert_eq!(failure.next_charge(4, Some(Pause::Refunded)), expected(Pause::Declined), "{code}");
            assert_eq!(failure.next_charge(2, Some(Pause::Refunded)), expected(Pause::Refunded), "{code}");
        }
    }

    #[test]
    fn a_payment_is_a_charge_that_has_succeeded_goes_on_or_has_failed() {
        let state = |status: &str, code: Option<&str>, is_overdue| {
            let payment = json!({
                "id": "pi_1", "livemode": false, "status": status, "amount": 1, "currency": "usd",
                "last_payment_error": code.map(|code| json!({ "code": code })),
            });
            ChargeState::of(&serde_json::from_value(payment).unwrap(), is_overdue)
        };
        let failed = ChargeState::Failed;
        let table = [
            ("succeeded", None, ChargeState::Succeeded, ChargeState::Succeeded),
            ("processing", None, ChargeState::UnderWay, ChargeState::UnderWay),
            (
                "requires_action",
                Some("card_declined"),
                failed(ChargeFailure::AuthenticationRequired),
                failed(ChargeFailure::AuthenticationRequired),
            ),
            (
                "requires_payment_method",
                Some("card_declined"),
                failed(declined("card_declined")),
                failed(declined("card_declined")),
            ),
            (
                "requires_payment_method",
                Some("authentication_required"),
                failed(ChargeFailure::AuthenticationRequired),
                failed(ChargeFailure::AuthenticationRequired),
            ),
            ("canceled", None, failed(declined("declined")), failed(declined("declined"))),
            ("requires_confirmation", None, ChargeState::UnderWay, failed(ChargeFailure::Unfinished)),
            ("requires_capture", None, ChargeState::UnderWay, failed(ChargeFailure::Unfinished)),
            ("a_new_word", None, ChargeState::UnderWay, failed(ChargeFailure::Unfinished)),
        ];
        for (status, code, in_time, overdue) in table {
            assert_eq!(state(status, code, false), in_time, "{status}");
            assert_eq!(state(status, code, true), overdue, "{status}");
        }
    }

    #[test]
    fn a_failed_charge_no_longer_counts_and_the_next_one_waits_or_needs_the_owner() {
        let money = |text: &str| Money::parse(text).unwrap();
        let now = Timestamp::parse("2026-11-24T10:00:00.000Z").unwrap();
        let (month, later) = (Month::of(now), now.plus_seconds(3_600));
        let in_flight = InFlight { order_id: OrderId::derive(&["a"]), amount: money("100"), month };
        let settings = TopUpSettings {
            enabled: true,
            threshold: money("50"),
            target: money("500"),
            monthly_cap: money("1000"),
        };
        let record = AutoTopUp {
            organization: OrganizationId::parse("org_a").unwrap(),
            settings,
            actor: Actor::user("u"),
            origin: None,
            in_flight: Some(in_flight.clone()),
            month,
            charged: money("300"),
            declines: 1,
            wait_until: None,
            paused: None,
            cap_notified_in: None,
            next_check: Some(now),
        };
        let check = |record: &AutoTopUp, failure: &ChargeFailure, charged: &str, wait, paused, next_check| {
            let after = after_failure(record, &in_flight, failure, now).unwrap();
            let expected = AutoTopUp {
                in_flight: None,
                charged: money(charged),
                declines: 2,
                wait_until: wait,
                paused,
                next_check,
                ..record.clone()
            };
            assert_eq!(after, expected, "{failure:?}");
        };
        let again = Some(later);
        check(&record, &declined("card_declined"), "200", again, None, again);
        let authentication = Some(Pause::AuthenticationRequired);
        check(&record, &ChargeFailure::AuthenticationRequired, "200", None, authentication, None);
        // its money was charged
        check(&record, &ChargeFailure::Dismissed, "300", None, Some(Pause::Dismissed), None);
        let next_month = AutoTopUp { month: month.next(), ..record.clone() };
        check(&next_month, &declined("card_declined"), "300", again, None, again);
        let off = AutoTopUp { settings: TopUpSettings { enabled: false, ..settings }, ..record.clone() };
        check(&off, &declined("card_declined"), "200", again, None, None);
        let paused = AutoTopUp { paused: Some(Pause::Refunded), ..record };
        check(&paused, &declined("card_declined"), "200", None, Some(Pause::Refunded), None);
    }
}
