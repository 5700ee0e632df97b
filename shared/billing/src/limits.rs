//! Every bound and interval of billing. Bounds of finance's actions are in cents; each is tested at the bound and one
//! past it.

use money::Money;
use std::time::Duration;

/// Recovery's longest interval between reads of an open order.
pub(crate) const ORDER_CHECK_SECONDS_MAX: i64 = 6 * 3600;

/// Recovery's first interval between reads of an open order; later ones grow with the order's age.
pub(crate) const ORDER_CHECK_SECONDS: i64 = 3600;

/// How long after its end a payment page is certainly closed.
pub(crate) const PAGE_CLOSED_SECONDS: i64 = 300;

/// How long after the request to Stripe an order has its page, or the response was lost.
pub(crate) const PAGE_OPENS_SECONDS: i64 = 300;

/// Recovery's interval between reads of a pending refund or an open dispute.
pub(crate) const OPEN_REVERSAL_CHECK_SECONDS: i64 = 6 * 3600;

/// How long the payment page stays open; Stripe allows 30 minutes to 24 hours.
pub(crate) const PAGE_OPEN_SECONDS: i64 = 23 * 3600;

/// Unpaid orders of one organization: each is a payment page at Stripe, and an hourly check of recovery.
pub const OPEN_ORDERS_MAX: usize = 20;

/// How long after its end recovery stops searching for a payment page that may exist because Stripe's response was
/// lost.
pub(crate) const PAGE_LOST_SECONDS: i64 = 3600;

/// The longest time from a read at Stripe to the decision: three attempts of 10 s, the pauses between them, and our
/// own writes.
pub(crate) const READ_AGE_MAX_SECONDS: i64 = 120;

/// Retry-After when Stripe limits our rate even after our retries. Stripe names no time; its limits count by the
/// second.
pub(crate) const STRIPE_BUSY_RETRY_SECONDS: u64 = 2;

/// No attempt at a delivery begins later than this after the first; one attempt waits at most 5 s for other writers
/// ([`tables::Backoff::ELAPSED_MS_MAX`]).
pub const CONTENTION_LASTS: Duration = Duration::from_secs(8);

/// Recovery's interval between reads of a subscription and the invoices that it paid.
pub(crate) const SUBSCRIPTION_CHECK_SECONDS: i64 = 86_400;

/// Recovery's interval between reads of a subscription with an unpaid invoice.
pub(crate) const PAST_DUE_CHECK_SECONDS: i64 = 3600;

/// How long before free credits end the owner is alerted.
pub(crate) const EXPIRY_NOTICE_SECONDS: i64 = 7 * 86_400;

/// During a fraud warning, recovery's interval between checks whether jobs and purchases returned credits to the lot.
pub(crate) const FRAUD_WARNING_CHECK_SECONDS: i64 = 900;

/// When an event that failed is read again at Stripe.
pub(crate) const EVENT_RETRY_SECONDS: i64 = 600;

/// When an open object that Stripe refuses to read is read again.
pub(crate) const POSTPONED_SECONDS: i64 = 3600;

/// Stripe keeps events for 30 days.
pub(crate) const EVENTS_KEPT_SECONDS: i64 = 30 * 86_400;

/// Each walk of events begins this long before the end of the one before: an event may be listed late.
pub(crate) const WALK_OVERLAP_SECONDS: i64 = 900;

/// Events of one page of Stripe's list.
pub(crate) const EVENTS_PER_PAGE: u32 = 100;

/// Due objects that one run checks; the rest stays due.
pub(crate) const CHECKS_MAX: usize = 2_000;

/// Keys of due objects from which one run chooses: many times what it checks, so that one organization's many objects
/// do not hide another's.
pub(crate) const DUE_READ_MAX: usize = 40_000;

/// Undecided requests of one organization, so that no owner fills finance's list.
pub(crate) const REFUND_REQUESTS_MAX: usize = 200;

/// How long a charge or refund is repeated under the same key; Stripe keeps keys for at least 24 hours.
pub(crate) const KEY_SENT_SECONDS: i64 = 20 * 3600;

/// When a refund with an unknown outcome is checked again.
pub(crate) const REFUND_CHECK_SECONDS: i64 = 300;

/// How long a request for a charge that another process sent may be in progress.
pub(crate) const CHARGE_REQUEST_LASTS_SECONDS: i64 = 120;

/// When a charge with an unknown outcome is checked again.
pub(crate) const CHARGE_CHECK_SECONDS: i64 = 300;

/// The wait after a decline.
pub(crate) const DECLINE_WAITS_SECONDS: i64 = 3600;

/// Declines in a row after which auto top-up pauses.
pub(crate) const DECLINES_MAX: u32 = 3;

/// When recovery checks auto top-up, in case the message of a crossing is lost.
pub(crate) const CROSSING_CHECK_SECONDS: i64 = 900;

/// Orders and invoices shown at once, newest first.
pub(crate) const SHOWN_MAX: usize = 200;

/// Rows of finance's lists: a response holds 6 MB, a row up to 2.5 KB.
pub(crate) const LISTED_MAX: usize = 1_000;

/// One row of opening balances: more than any organization of the existing application holds.
pub const OPENING_ROW_MAX_CENTS: i64 = 10_000_000;

/// One file of opening balances, all rows together: a larger import is several decisions.
pub const OPENING_FILE_MAX_CENTS: i64 = 100_000_000;

/// One correction, in either direction: it bounds the damage of a typing error.
pub const ADJUSTMENT_MAX_CENTS: i64 = 1_000_000;

/// A larger grant by finance writes a log line that raises an alarm, so that a second person sees it.
pub const LARGE_GRANT_CENTS: i64 = 100_000;

#[must_use]
pub fn opening_row_max() -> Money {
    bound(OPENING_ROW_MAX_CENTS)
}

#[must_use]
pub fn opening_file_max() -> Money {
    bound(OPENING_FILE_MAX_CENTS)
}

#[must_use]
pub fn adjustment_max() -> Money {
    bound(ADJUSTMENT_MAX_CENTS)
}

#[must_use]
pub fn large_grant() -> Money {
    bound(LARGE_GRANT_CENTS)
}

/// All bounds are far below the largest amount of money, so the fallback is never used.
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
