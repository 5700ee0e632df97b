//! Every bound and interval of billing. What finance may do at once is in cents; each of those bounds is tested at the
//! bound and one past it.

use money::Money;
use std::time::Duration;

/// Recovery reads an order that is under way again after so long at the latest.
pub(crate) const ORDER_CHECK_SECONDS_MAX: i64 = 6 * 3600;

/// Recovery reads an order that is under way again after so long, later on after its age.
pub(crate) const ORDER_CHECK_SECONDS: i64 = 3600;

/// A payment page has closed for certain so long after its end.
pub(crate) const PAGE_CLOSED_SECONDS: i64 = 300;

/// A page that Stripe was asked for is open by then, or was not heard of.
pub(crate) const PAGE_OPENS_SECONDS: i64 = 300;

/// Recovery reads a refund under way or an open dispute again after so long.
pub(crate) const OPEN_REVERSAL_CHECK_SECONDS: i64 = 6 * 3600;

/// The payment page stays open this long; Stripe allows 30 minutes to 24 hours.
pub(crate) const PAGE_OPEN_SECONDS: i64 = 23 * 3600;

/// Unpaid orders of one organization: each is a payment page at Stripe, and an hourly check of recovery.
pub const OPEN_ORDERS_MAX: usize = 20;

/// A payment page that Stripe was asked for and did not answer about may have been made: so long after its
/// end it is not looked for any more.
pub(crate) const PAGE_LOST_SECONDS: i64 = 3600;

/// How often a record that keeps changing is read again before the delivery is given back to Stripe.
pub(crate) const ATTEMPTS_MAX: u32 = 8;

/// From asking Stripe to deciding by the answer: three attempts of 10 s, the pauses between them, and our own writes.
pub(crate) const READ_AGE_MAX_SECONDS: i64 = 120;

/// When to ask again, in seconds, after Stripe has asked us to slow down, our own repeats included. It names no time;
/// its limits count by the second.
pub(crate) const STRIPE_BUSY_RETRY_SECONDS: u64 = 2;

/// No further attempt at a delivery is begun later than this after its first; one attempt waits 5 s at most for
/// other writers ([`tables::Backoff::ELAPSED_MS_MAX`]).
pub const CONTENTION_LASTS: Duration = Duration::from_secs(8);

/// Recovery reads a subscription again after so long, and with it the invoices that it paid.
pub(crate) const SUBSCRIPTION_CHECK_SECONDS: i64 = 86_400;

/// While the invoice of a subscription cannot be collected, recovery reads it again after so long.
pub(crate) const PAST_DUE_CHECK_SECONDS: i64 = 3600;

/// How long before free credits end the owner is alerted.
pub(crate) const EXPIRY_NOTICE_SECONDS: i64 = 7 * 86_400;

/// While a warning stands, recovery checks after so long whether jobs and purchases returned to the lot.
pub(crate) const FRAUD_WARNING_CHECK_SECONDS: i64 = 900;

/// An event that failed is read again at Stripe after so long.
pub(crate) const EVENT_RETRY_SECONDS: i64 = 600;

/// An open object that Stripe refuses to answer about is read again so much later.
pub(crate) const POSTPONED_SECONDS: i64 = 3600;

/// Stripe keeps events for 30 days.
pub(crate) const EVENTS_KEPT_SECONDS: i64 = 30 * 86_400;

/// Each walk of events begins so much before the end of the one before: an event may be listed late.
pub(crate) const WALK_OVERLAP_SECONDS: i64 = 900;

/// Events of one page of Stripe's list.
pub(crate) const EVENTS_PER_PAGE: u32 = 100;

/// Due objects that one run checks; the rest stays due.
pub(crate) const CHECKS_MAX: usize = 2_000;

/// Keys of due objects that one run reads to choose from: many times what it checks, so that one organization's
/// pile hides nobody else's.
pub(crate) const DUE_READ_MAX: usize = 40_000;

/// Undecided requests of one organization: an owner must not fill finance's list.
pub(crate) const REFUND_REQUESTS_MAX: usize = 200;

/// So long the same key means the same charge or refund at Stripe, which keeps keys for at least 24 hours.
pub(crate) const KEY_SENT_SECONDS: i64 = 20 * 3600;

/// A refund whose end is unknown is checked again after so long.
pub(crate) const REFUND_CHECK_SECONDS: i64 = 300;

/// So long a request for a charge may be under way that another process sent.
pub(crate) const CHARGE_REQUEST_LASTS_SECONDS: i64 = 120;

/// A charge whose end is unknown is checked again after so long.
pub(crate) const CHARGE_CHECK_SECONDS: i64 = 300;

/// How long a decline waits.
pub(crate) const DECLINE_WAITS_SECONDS: i64 = 3600;

/// After so many declines in a row auto top-up pauses.
pub(crate) const DECLINES_MAX: u32 = 3;

/// If the message of a crossing is lost, recovery checks after so long.
pub(crate) const CROSSING_CHECK_SECONDS: i64 = 900;

/// Orders and invoices shown at once, newest first.
pub(crate) const SHOWN_MAX: usize = 200;

/// Rows of finance's lists: an answer holds 6 MB, a row up to 2.5 KB.
pub(crate) const LISTED_MAX: usize = 1_000;

/// One row of opening balances: more than any organization of the existing application holds.
pub const OPENING_ROW_MAX_CENTS: i64 = 10_000_000;

/// One file of opening balances, all rows together: a larger import is several decisions.
pub const OPENING_FILE_MAX_CENTS: i64 = 100_000_000;

/// One correction, either way: a slip of the finger must not make a fortune.
pub const ADJUSTMENT_MAX_CENTS: i64 = 1_000_000;

/// A grant by finance above this is an alarm line: a second person sees it.
pub const LARGE_GRANT_CENTS: i64 = 100_000;

/// [`OPENING_ROW_MAX_CENTS`] as money.
#[must_use]
pub fn opening_row_max() -> Money {
    bound(OPENING_ROW_MAX_CENTS)
}

/// [`OPENING_FILE_MAX_CENTS`] as money.
#[must_use]
pub fn opening_file_max() -> Money {
    bound(OPENING_FILE_MAX_CENTS)
}

/// [`ADJUSTMENT_MAX_CENTS`] as money.
#[must_use]
pub fn adjustment_max() -> Money {
    bound(ADJUSTMENT_MAX_CENTS)
}

/// [`LARGE_GRANT_CENTS`] as money.
#[must_use]
pub fn large_grant() -> Money {
    bound(LARGE_GRANT_CENTS)
}

/// A bound of this file as money. All are far below the largest amount, so the fallback is never used.
fn bound(cents: i64) -> Money {
    Money::from_cents(cents).unwrap_or(Money::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_is_an_amount() {
        let bounds = [opening_row_max(), opening_file_max(), adjustment_max(), large_grant()];
        let bounds = bounds.map(|bound| bound.to_string());
        assert_eq!(bounds, ["100000.00", "1000000.00", "10000.00", "1000.00"]);
    }
}
