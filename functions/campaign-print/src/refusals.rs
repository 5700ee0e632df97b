//! Why a job is not placed, in words that say what to do.

use holds::HeldFor;
use platform::Problem;
use printing::{
    PrintRefusal,
    limits::{OPEN_TESTS_MAX, TEST_PIECES_MAX},
};

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
        PrintRefusal::Credits(refusal) => refusals::hold_refused(refusal, HeldFor::Postcards),
    }
}
