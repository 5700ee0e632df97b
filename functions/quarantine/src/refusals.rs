//! Refusals of a decision in manual review, as finance reads them.

use billing::ReviewRefusal;
use platform::Problem;

/// The problem of a refusal.
pub(crate) fn problem(refusal: &ReviewRefusal) -> Problem {
    let sentence = format!("Not resolved: {refusal}.");
    match refusal {
        ReviewRefusal::Unknown => Problem::not_found(),
        ReviewRefusal::Resolved => Problem::conflict("resolved_before", sentence),
        ReviewRefusal::NotGrantable => Problem::conflict("not_grantable", sentence),
        ReviewRefusal::Granted { .. } => Problem::conflict("granted_before", sentence),
        ReviewRefusal::OrganizationUnknown => Problem::conflict("organization_unknown", sentence),
        ReviewRefusal::Amount { paid } => Problem::bad_request("invalid_amount", sentence).with("paid", paid),
        ReviewRefusal::OrganizationNeeded => Problem::bad_request("organization_needed", sentence),
    }
}
