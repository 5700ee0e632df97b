//! What a refused correction or import is answered.

use billing::AdjustmentRefusal;
use platform::Problem;

/// The answer to a refused correction.
pub(crate) fn problem(refusal: &AdjustmentRefusal) -> Problem {
    let sentence = format!("Nothing was changed: {refusal}.");
    match refusal {
        AdjustmentRefusal::Amount => Problem::bad_request(code(refusal), sentence),
        AdjustmentRefusal::MoreThanAvailable { available } => {
            Problem::conflict(code(refusal), sentence).with("available", available)
        }
        AdjustmentRefusal::Reused => Problem::idempotency_key_reused(),
        AdjustmentRefusal::CustomerKnownOtherwise
        | AdjustmentRefusal::OrganizationUnknown
        | AdjustmentRefusal::NotUnopened => Problem::conflict(code(refusal), sentence),
    }
}

/// The stable code of a refusal.
pub(crate) fn code(refusal: &AdjustmentRefusal) -> &'static str {
    match refusal {
        AdjustmentRefusal::Amount => "amount_out_of_bounds",
        AdjustmentRefusal::MoreThanAvailable { .. } => "more_than_available",
        AdjustmentRefusal::Reused => "recorded_otherwise",
        AdjustmentRefusal::CustomerKnownOtherwise => "customer_known_otherwise",
        AdjustmentRefusal::OrganizationUnknown => "organization_unknown",
        AdjustmentRefusal::NotUnopened => "not_unopened",
    }
}

/// A failure of ours, logged; the same may be sent again.
pub(crate) fn unavailable(failure: &(dyn terms::Failing + 'static)) -> Problem {
    Problem::of_failure("credits could not be corrected", failure)
}
