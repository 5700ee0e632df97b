//! Refusals of a decision on a refund, as finance reads them.

use billing::RefundRefusal;
use platform::Problem;

/// The problem of a refusal.
pub(crate) fn problem(refusal: &RefundRefusal) -> Problem {
    match refusal {
        RefundRefusal::Unknown => Problem::not_found(),
        RefundRefusal::AskedBefore => Problem::conflict(
            "asked_before",
            "A request for this order waits for DropLab's decision. Wait for it, then ask again.",
        ),
        RefundRefusal::NotPaid => Problem::conflict("order_not_paid", "Nothing was paid for this order. Decline the request."),
        RefundRefusal::MoreThanUnused { unused } => Problem::conflict(
            "more_than_unused",
            format!("Only {unused} of this order is unused now. Decline the request; the owner may send a smaller one."),
        )
        .with("unused", unused),
        RefundRefusal::TooSmall { minimum } => Problem::conflict(
            "amount_too_small",
            format!(
                "This is worth less than 0.01 credits of the order. Decline the request; the owner may ask for {minimum} or more."
            ),
        )
        .with("minimum", minimum),
        RefundRefusal::Decided => {
            Problem::conflict("decided_before", "This request was decided before. Load the list again.")
        }
        RefundRefusal::Frozen => Problem::conflict(
            "account_frozen",
            "The account has an open dispute, a deficit or an unpaid subscription invoice. Resolve that first, then approve.",
        ),
        // Only an owner's request has a key.
        RefundRefusal::KeyReused => Problem::idempotency_key_reused(),
    }
}
