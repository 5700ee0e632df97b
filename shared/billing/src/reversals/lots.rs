//! Which credits a reversal draws from, and which lots they return to. Pure.

use crate::{BillingFailure, Freeze};
use ledger::{Part, TakeKind};
use money::Money;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DrawnFrom {
    Lots,
    /// From the hold that finance's approval opened for it, which holds enough.
    Request,
    /// From that hold and from lots: it holds too little.
    RequestAndLots,
    /// From the hold of a fraud warning, and from lots.
    Freeze,
}

impl DrawnFrom {
    pub(crate) fn of(kind: TakeKind, enough: Option<bool>, freeze: &Freeze) -> Self {
        match (kind, enough) {
            (TakeKind::Refund, Some(true)) => Self::Request,
            (TakeKind::Refund, Some(false)) => Self::RequestAndLots,
            _ if freeze.hold().is_some() => Self::Freeze,
            _ => Self::Lots,
        }
    }
}

/// What to return, at most `credits`: to the lots that the reversal drew from, the rest, a deficit of the reversal
/// included, to the grant's own lot.
pub(crate) fn parts_to_return(
    reversed: &[Part],
    credits: Money,
    own: &Part,
) -> Result<Vec<Part>, BillingFailure> {
    let mut left = credits;
    let mut parts: Vec<Part> = Vec::new();
    for part in reversed {
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
