//! Why a purchase is not placed, in words that say what to do.

use audience::PurchaseRefusal;
use holds::HoldRefusal;
use lambda_http::http::StatusCode;
use ledger::FrozenReason;
use platform::Problem;

/// Where credits are bought in the console.
const BUY_URL: &str = "/settings";

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
        PurchaseRefusal::Credits(refusal) => credits_problem(refusal),
    }
}

fn credits_problem(refusal: &HoldRefusal) -> Problem {
    match refusal {
        HoldRefusal::InsufficientCredits { required, available, shortfall } => {
            let suggestion = pricing::suggest(*shortfall);
            let title = "Not enough credits";
            let detail = format!(
                "This costs {required} credits and {available} are available. Buy at least {shortfall} more, then try again."
            );
            Problem::new(StatusCode::PAYMENT_REQUIRED, "insufficient_credits", title, detail)
                .with("required", required)
                .with("available", available)
                .with("shortfall", shortfall)
                .with("suggestedPackage", suggestion.map(|suggestion| suggestion.package))
                .with("purchases", suggestion.map_or(0, |suggestion| suggestion.purchases))
                .with("buyUrl", BUY_URL)
        }
        HoldRefusal::AccountFrozen { reasons }
            if reasons.iter().all(|reason| *reason == FrozenReason::BillingPastDue) =>
        {
            Problem::conflict(
                "billing_past_due",
                "A subscription's invoice is unpaid. Pay it, then buy again.",
            )
        }
        HoldRefusal::AccountFrozen { reasons } => {
            Problem::conflict("account_frozen", FrozenReason::what_ends(reasons)).with("reasons", reasons)
        }
        HoldRefusal::TooManyOpen { limit } => Problem::conflict(
            "too_many_open_purchases",
            format!("{limit} purchases of contacts are open. Wait until one of them has ended."),
        )
        .with("limit", limit),
    }
}
