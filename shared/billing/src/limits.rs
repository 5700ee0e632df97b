//! What finance may do at once, in cents. Each bound is tested at the bound and one past it.

use money::Money;

/// One row of opening balances: more than any organization of the existing application holds.
pub const OPENING_ROW_MAX_CENTS: i64 = 10_000_000;

/// One file of opening balances, all rows together: a larger import is several decisions.
pub const OPENING_FILE_MAX_CENTS: i64 = 100_000_000;

/// One correction, either way: a slip of the finger must not make a fortune.
pub const ADJUSTMENT_MAX_CENTS: i64 = 1_000_000;

/// A grant by finance above this is an alarm line: a second person sees it.
pub const LARGE_GRANT_CENTS: i64 = 100_000;

/// [`OPENING_ROW_MAX_CENTS`] as money.
#[must_use]
pub fn opening_row_max() -> Money {
    bound(OPENING_ROW_MAX_CENTS)
}

/// [`OPENING_FILE_MAX_CENTS`] as money.
#[must_use]
pub fn opening_file_max() -> Money {
    bound(OPENING_FILE_MAX_CENTS)
}

/// [`ADJUSTMENT_MAX_CENTS`] as money.
#[must_use]
pub fn adjustment_max() -> Money {
    bound(ADJUSTMENT_MAX_CENTS)
}

/// [`LARGE_GRANT_CENTS`] as money.
#[must_use]
pub fn large_grant() -> Money {
    bound(LARGE_GRANT_CENTS)
}

/// A bound of this file as money. All are far below the largest amount, so the fallback is never taken.
fn bound(cents: i64) -> Money {
    Money::from_cents(cents).unwrap_or(Money::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_is_an_amount() {
        let bounds = [opening_row_max(), opening_file_max(), adjustment_max(), large_grant()];
        let bounds = bounds.map(|bound| bound.to_string());
        assert_eq!(bounds, ["100000.00", "1000000.00", "10000.00", "1000.00"]);
    }
}
