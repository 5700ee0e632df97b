//! Packages of credits, and which of them covers a shortfall.

use crate::limits::{self, PACKAGES_CENTS, PURCHASE_MOST_CENTS, bound};
use money::Money;
use serde::Serialize;

/// What to buy when credits are missing: `package`, this many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// The amount of one purchase, within the bounds of one purchase.
    pub package: Money,
    /// How many purchases of `package` cover the shortfall; 1 up to a shortfall of 10,000.00.
    pub purchases: u32,
}

/// Smallest first.
#[must_use]
pub fn packages() -> [Money; 5] {
    PACKAGES_CENTS.map(bound)
}

/// The smallest package that covers a shortfall; `None` without one. Beyond the largest package: the shortfall
/// rounded up to a dollar, at most the largest purchase, and how many purchases of that it takes.
#[must_use]
pub fn suggest(shortfall: Money) -> Option<Suggestion> {
    if !shortfall.is_positive() {
        return None;
    }
    if let Some(package) = packages().into_iter().find(|package| *package >= shortfall) {
        return Some(Suggestion { package, purchases: 1 });
    }
    let most = limits::purchase_most();
    let package = shortfall.ceil_to_dollar().map_or(most, |rounded| rounded.min(most));
    let purchases = shortfall.cents().unsigned_abs().div_ceil(PURCHASE_MOST_CENTS.unsigned_abs());
    Some(Suggestion { package, purchases: u32::try_from(purchases).unwrap_or(u32::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_smallest_package_that_covers_the_shortfall_is_suggested() {
        let table = [
            ("0.01", "50.00", 1),
            ("0.50", "50.00", 1),
            ("50.00", "50.00", 1),
            ("50.01", "100.00", 1),
            ("201", "250.00", 1),
            ("250.01", "500.00", 1),
            ("701", "1000.00", 1),
            ("1000.00", "1000.00", 1),
            ("1000.01", "1001.00", 1),
            ("9999.01", "10000.00", 1),
            ("10000.00", "10000.00", 1),
            ("10000.01", "10000.00", 2),
            ("20000.00", "10000.00", 2),
            ("100000.00", "10000.00", 10),
            ("10000000000.00", "10000.00", 1_000_000),
        ];
        for (shortfall, package, purchases) in table {
            let suggestion = suggest(Money::parse(shortfall).unwrap()).unwrap();
            assert_eq!((suggestion.package.to_string().as_str(), suggestion.purchases), (package, purchases));
        }
    }

    #[test]
    fn nothing_is_suggested_when_nothing_lacks() {
        assert_eq!(suggest(Money::ZERO), None);
        assert_eq!(suggest(Money::parse("-0.01").unwrap()), None);
    }

    proptest! {
        #[test]
        fn what_is_suggested_covers_the_shortfall_and_can_be_bought(cents in 1i64..100_000_000) {
            let suggestion = suggest(Money::from_cents(cents).unwrap()).unwrap();
            prop_assert!((limits::purchase_least()..=limits::purchase_most()).contains(&suggestion.package));
            let bought = suggestion.package.cents() * i64::from(suggestion.purchases);
            prop_assert!(bought >= cents);
            let one_less = suggestion.package.cents() * (i64::from(suggestion.purchases) - 1);
            prop_assert!(one_less < cents, "one purchase fewer would have been enough");
        }
    }
}
