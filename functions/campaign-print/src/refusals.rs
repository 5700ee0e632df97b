//! Why a job is not placed, in words that say what to do.

use holds::HoldRefusal;
use lambda_http::http::StatusCode;
use ledger::FrozenReason;
use platform::Problem;
use printing::{
    PrintRefusal,
    limits::{OPEN_TESTS_MAX, TEST_PIECES_MAX},
};

/// Where credits are bought in the console.
const BUY_URL: &str = "/settings";

/// The problem of a refusal.
pub(crate) fn problem(refusal: &PrintRefusal) -> Problem {
    match refusal {
        PrintRefusal::CampaignMissing => Problem::not_found(),
        PrintRefusal::KeyReused => Problem::idempotency_key_reused(),
        PrintRefusal::JobExists(job) => Problem::conflict(
            "print_job_exists",
            "This campaign has a print job. To mail again, create another campaign.",
        )
        .with("printJobId", job),
        PrintRefusal::ArtworkMissing(pieces) => Problem::conflict(
            "artwork_missing",
            "Artwork is missing. Upload it with the form that came with the campaign: artwork.pdf for all, \
             or one <personId>.pdf for each recipient. Then print again.",
        )
        .with("piecesWithoutArtwork", pieces),
        PrintRefusal::TestList => Problem::conflict(
            "test_list",
            "These recipients come from a test order and cannot be mailed. Print in test mode, or buy contacts.",
        ),
        PrintRefusal::TestTooLarge(pieces) => Problem::conflict(
            "test_too_large",
            format!(
                "A test prints at most {TEST_PIECES_MAX} pieces. Create a campaign with maxPieces of that or less."
            ),
        )
        .with("pieces", pieces)
        .with("limit", TEST_PIECES_MAX),
        PrintRefusal::TooManyTests => Problem::conflict(
            "too_many_open_tests",
            format!("{OPEN_TESTS_MAX} test jobs are open. Wait until one of them has ended."),
        )
        .with("limit", OPEN_TESTS_MAX),
        PrintRefusal::Credits(refusal) => credits_problem(refusal),
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
                "A subscription's invoice is unpaid. Pay it, then print again.",
            )
        }
        HoldRefusal::AccountFrozen { reasons } => {
            Problem::conflict("account_frozen", FrozenReason::what_ends(reasons)).with("reasons", reasons)
        }
        HoldRefusal::TooManyOpen { limit } => Problem::conflict(
            "too_many_open_jobs",
            format!("{limit} print jobs are open. Wait until one of them has ended."),
        )
        .with("limit", limit),
    }
}
