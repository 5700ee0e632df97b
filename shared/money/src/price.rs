//! [`UnitPrice`] and [`Quantity`], and the product's only multiplication and rounding.

use crate::amount::{Money, MoneyError, parse_decimal};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// A number of contacts or pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(u64);

impl Quantity {
    #[must_use]
    pub fn new(count: u64) -> Self {
        Self(count)
    }

    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The price or cost of one contact or piece in USD, zero or more, with up to four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitPrice(Decimal);

impl UnitPrice {
    /// Reads digits with at most four decimals, `0.35` or `0.8625`, up to 1 million USD. Refuses negative prices.
    pub fn parse(raw: &str) -> Result<Self, MoneyError> {
        let decimal = parse_decimal(raw)?;
        if decimal.is_sign_negative() {
            return Err(MoneyError::NotPositive);
        }
        if decimal.normalize().scale() > 4 {
            return Err(MoneyError::TooManyDecimals);
        }
        if decimal > Decimal::from(1_000_000) {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self(decimal))
    }

    /// Rounds once, half to even, to cents.
    pub fn times(self, quantity: Quantity) -> Result<Money, MoneyError> {
        let exact = self.0.checked_mul(Decimal::from(quantity.get())).ok_or(MoneyError::TooLarge)?;
        Money::from_decimal(exact.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven))
    }
}

impl std::fmt::Display for UnitPrice {
    /// At least two decimals, at most four: `0.20`, `0.8625`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut decimal = self.0.normalize();
        if decimal.scale() < 2 {
            decimal.rescale(2);
        }
        write!(formatter, "{decimal}")
    }
}

impl TryFrom<String> for UnitPrice {
    type Error = MoneyError;
    fn try_from(raw: String) -> Result<Self, MoneyError> {
        Self::parse(&raw)
    }
}

impl From<UnitPrice> for String {
    fn from(price: UnitPrice) -> String {
        price.to_string()
    }
}

/// A share in percent with two decimals, for reports: 44.40.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Percent(Decimal);

impl Percent {
    /// `part` of `whole` in percent, half to even. 0.00 if `whole` is zero, so that no month divides by zero.
    #[must_use]
    pub fn of(part: Money, whole: Money) -> Self {
        let share = part
            .decimal()
            .checked_mul(Decimal::ONE_HUNDRED)
            .and_then(|scaled| scaled.checked_div(whole.decimal()))
            .unwrap_or(Decimal::ZERO);
        Self(share.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven))
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:.2}", self.0)
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> String {
        percent.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn products_round_once_half_to_even() {
        let table = [
            ("0.20", 5_000, "1000.00"),
            ("0.85", 11_700, "9945.00"),
            ("0.125", 1, "0.12"),
            ("0.135", 1, "0.14"),
            ("0.8625", 2, "1.72"),
            ("0.0050", 1, "0.00"),
            ("0.0150", 1, "0.02"),
            ("0.18", 0, "0.00"),
        ];
        for (price, quantity, expected) in table {
            let price = UnitPrice::parse(price).unwrap();
            assert_eq!(price.times(Quantity::new(quantity)).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn unit_prices_show_two_to_four_decimals() {
        for (raw, shown) in [("0.2", "0.20"), ("1", "1.00"), ("0.8620", "0.862"), ("0.8625", "0.8625")] {
            assert_eq!(UnitPrice::parse(raw).unwrap().to_string(), shown);
        }
        for bad in ["-0.1", "0.12345", "x", "1000001"] {
            assert!(UnitPrice::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn prices_quantities_and_shares_are_shown_and_stored_as_texts() {
        assert_eq!(Quantity::new(1_200).to_string(), "1200");
        assert_eq!(String::from(UnitPrice::parse("0.35").unwrap()), "0.35");
        let half = Percent::of(Money::from_cents(1).unwrap(), Money::from_cents(2).unwrap());
        assert_eq!(String::from(half), "50.00");
        assert!(UnitPrice::parse("1000000").is_ok(), "a million is the most");
    }

    #[test]
    fn an_empty_month_has_no_margin_and_divides_by_nothing() {
        assert_eq!(Percent::of(Money::ZERO, Money::ZERO).to_string(), "0.00");
        let (profit, revenue) = (Money::parse("5550").unwrap(), Money::parse("12500").unwrap());
        assert_eq!(Percent::of(profit, revenue).to_string(), "44.40");
    }

    proptest! {
        #[test]
        fn a_product_is_within_half_a_cent(ten_thousandths in 0u64..1_000_000, quantity in 0u64..100_000) {
            let price = UnitPrice(Decimal::from(ten_thousandths) / Decimal::from(10_000));
            let cents = price.times(Quantity::new(quantity)).unwrap().cents();
            let exact = i128::from(ten_thousandths) * i128::from(quantity);
            prop_assert!((i128::from(cents) * 100 - exact).abs() <= 50);
        }
    }
}
