//! Why a purchase is not placed, in words that say what to do.

use audience::PurchaseRefusal;
use holds::HeldFor;
use platform::Problem;

/// The problem of a refusal.
pub(crate) fn problem(refusal: &PurchaseRefusal) -> Problem {
    match refusal {
        PurchaseRefusal::KeyReused => Problem::idempotency_key_reused(),
        PurchaseRefusal::TestTooLarge { limit } => Problem::bad_request(
            "test_too_large",
            format!("A test order takes at most {limit} contacts. Ask for fewer, or leave environment out."),
        )
        .with("limit", limit),
        PurchaseRefusal::NoMatches => Problem::conflict(
            "no_matches",
            "Nobody matches all of these filters. Leave one out, or widen a range.",
        ),
        PurchaseRefusal::PriceChanged { contacts, unit_price, total } => Problem::conflict(
            "price_changed",
            format!(
                "The quote is not valid: it expired, is for something else, or the price changed. Now \
                 {contacts} contacts cost {total} credits. Count again."
            ),
        )
        .with("contacts", contacts)
        .with("unitPrice", unit_price)
        .with("total", total),
        PurchaseRefusal::TooManyTests { limit } => Problem::conflict(
            "too_many_open_tests",
            format!("{limit} test orders are open. Wait until one of them has ended."),
        )
        .with("limit", limit),
        PurchaseRefusal::TooMany { retry_after_seconds } => Problem::too_many(
            "too_many_orders",
            format!("Your organization ordered too often. Order again in {retry_after_seconds} s."),
            *retry_after_seconds,
        ),
        PurchaseRefusal::VendorBusy { retry_after_seconds } => Problem::vendor_busy(*retry_after_seconds),
        PurchaseRefusal::Credits(refusal) => refusals::hold_refused(refusal, HeldFor::Contacts),
    }
}
