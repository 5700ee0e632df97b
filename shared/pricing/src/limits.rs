//! Every bound of a purchase of credits, in cents. Each is tested at the bound and one past it.

use money::Money;

/// The packages that the console offers.
pub const PACKAGES_CENTS: [i64; 5] = [5_000, 10_000, 25_000, 50_000, 100_000];

/// The smallest purchase of credits: below it the card fee takes too large a part.
pub const PURCHASE_LEAST_CENTS: i64 = 1_000;

/// The largest purchase of credits: it bounds the damage of one stolen card.
pub const PURCHASE_MOST_CENTS: i64 = 1_000_000;

#[must_use]
pub fn purchase_least() -> Money {
    bound(PURCHASE_LEAST_CENTS)
}

#[must_use]
pub fn purchase_most() -> Money {
    bound(PURCHASE_MOST_CENTS)
}

/// All bounds are far below the largest amount of money, so the fallback is never taken.
pub(crate) fn bound(cents: i64) -> Money {
    Money::from_cents(cents).unwrap_or(Money::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_is_an_amount() {
        assert_eq!(purchase_least().to_string(), "10.00");
        assert_eq!(purchase_most().to_string(), "10000.00");
        let packages = PACKAGES_CENTS.map(|cents| bound(cents).to_string());
        assert_eq!(packages, ["50.00", "100.00", "250.00", "500.00", "1000.00"]);
    }
}
