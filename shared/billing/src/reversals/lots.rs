//! Which lots credits return to. Pure.

use crate::BillingFailure;
use ledger::Part;
use money::Money;

/// What to return, at most `credits`: to the lots that the taking drew from, the rest to the grant's own lot,
/// which is where a deficit of the taking goes too.
pub(crate) fn parts_to_return(
    taken: &[Part],
    credits: Money,
    own: &Part,
) -> Result<Vec<Part>, BillingFailure> {
    let mut left = credits;
    let mut parts: Vec<Part> = Vec::new();
    for part in taken {
        let amount = part.amount.min(left);
        left = left.minus(amount)?;
        if amount.is_positive() {
            parts.push(Part { amount, ..part.clone() });
        }
    }
    if left.is_positive() {
        parts.push(Part { amount: left, ..own.clone() });
    }
    Ok(parts)
}
