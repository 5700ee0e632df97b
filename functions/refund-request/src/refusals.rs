//! Refusals of a request for a refund, as an owner reads them.

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
        RefundRefusal::NotPaid => Problem::conflict(
            "order_not_paid",
            "Nothing was paid for this order, so nothing can be refunded.",
        ),
        RefundRefusal::MoreThanUnused { unused } => {
            let sentence = if unused.is_positive() {
                format!("Only unused credits of this order can be refunded. Ask for 0.01 to {unused}.")
            } else {
                "No credits of this order are unused, so nothing of it can be refunded.".to_owned()
            };
            Problem::conflict("more_than_unused", sentence).with("unused", unused)
        }
        RefundRefusal::TooSmall { minimum } => Problem::conflict(
            "amount_too_small",
            format!("This is worth less than 0.01 credits of this order. Ask for {minimum} or more."),
        )
        .with("minimum", minimum),
        RefundRefusal::KeyReused => Problem::idempotency_key_reused(),
        RefundRefusal::Decided | RefundRefusal::Frozen => {
            Problem::conflict("refund_not_possible", "This refund is not possible now. Contact support.")
        }
    }
}
