//! [`Money`]: US dollars (equally credits: 1 credit = 1 USD) with exactly two decimals.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Why a text or a result is not an amount. Worded for the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not digits with at most one decimal point; exponents and signs like `+` are refused.
    #[error("write the amount in digits, for example 127 or 127.50")]
    NotANumber,
    /// More than two decimals, or more than four in a unit price.
    #[error("the amount has more decimals than cents can hold")]
    TooManyDecimals,
    /// Beyond 10 billion USD either way; a unit price beyond 1 million USD.
    #[error("the amount is too large")]
    TooLarge,
    #[error("the amount must be more than zero")]
    NotPositive,
}

/// The largest amount either way, in cents: 10 billion USD, far above any balance.
const CENTS_MAX: i64 = 1_000_000_000_000;

/// An amount in USD, or in credits, with exactly two decimals. May be negative: entries carry signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money(Decimal);

impl Money {
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Fails beyond 10 billion USD either way.
    pub fn from_cents(cents: i64) -> Result<Self, MoneyError> {
        if cents.unsigned_abs() > CENTS_MAX.unsigned_abs() {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self(Decimal::new(cents, 2)))
    }

    #[must_use]
    pub fn cents(self) -> i64 {
        let mut decimal = self.0;
        decimal.rescale(2);
        i64::try_from(decimal.mantissa()).unwrap_or(i64::MAX)
    }

    pub(crate) fn from_decimal(decimal: Decimal) -> Result<Self, MoneyError> {
        if decimal.normalize().scale() > 2 {
            return Err(MoneyError::TooManyDecimals);
        }
        if decimal.abs() > Decimal::new(CENTS_MAX, 2) {
            return Err(MoneyError::TooLarge);
        }
        let mut exact = decimal;
        exact.rescale(2);
        Ok(Self(if exact.is_zero() { Decimal::new(0, 2) } else { exact }))
    }

    pub(crate) fn decimal(self) -> Decimal {
        self.0
    }

    /// Reads digits with at most two decimals and an optional leading `-`: `250`, `99.5`, `-3.10`. Refuses exponents,
    /// signs like `+`, spaces and a third decimal.
    pub fn parse(raw: &str) -> Result<Self, MoneyError> {
        let decimal = parse_plain(raw)?;
        if decimal.scale() > 2 {
            return Err(MoneyError::TooManyDecimals);
        }
        Self::from_decimal(decimal)
    }

    /// Reads a request's amount from its raw JSON: a number (`250`, `99.5`) or a string of one (`"250.00"`). It works
    /// on the text, so that no float stands between the customer and the ledger.
    pub fn parse_json(raw: &str) -> Result<Self, MoneyError> {
        let raw = raw.trim();
        let text = match raw.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"').ok_or(MoneyError::NotANumber)?,
            None => raw,
        };
        Self::parse(text)
    }

    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Self::from_decimal(self.0.checked_add(other.0).ok_or(MoneyError::TooLarge)?)
    }

    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        Self::from_decimal(self.0.checked_sub(other.0).ok_or(MoneyError::TooLarge)?)
    }

    #[must_use]
    pub fn negated(self) -> Self {
        if self.0.is_zero() {
            self
        } else {
            Self(Decimal::ZERO.checked_sub(self.0).unwrap_or(self.0)).scaled()
        }
    }

    fn scaled(self) -> Self {
        let mut exact = self.0;
        exact.rescale(2);
        Self(exact)
    }

    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// This amount × `part` ÷ `whole`, rounded half to even to cents: of the credits granted for a payment of
    /// `whole`, those for `part` of it. Zero if `whole` is zero.
    pub fn share(self, part: Self, whole: Self) -> Result<Self, MoneyError> {
        if whole.is_zero() {
            return Ok(Self::ZERO);
        }
        let product = self.0.checked_mul(part.0).ok_or(MoneyError::TooLarge)?;
        let exact = product.checked_div(whole.0).ok_or(MoneyError::TooLarge)?;
        Self::from_decimal(exact.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven))
    }

    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }

    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }

    /// Rounds up to whole dollars: 700.01 becomes 701.00.
    pub fn ceil_to_dollar(self) -> Result<Self, MoneyError> {
        Self::from_decimal(self.0.ceil())
    }
}

fn parse_plain(raw: &str) -> Result<Decimal, MoneyError> {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(decimals) {
        return Err(MoneyError::NotANumber);
    }
    if raw.len() > 24 {
        return Err(if decimals.len() > 4 { MoneyError::TooManyDecimals } else { MoneyError::TooLarge });
    }
    Decimal::from_str_exact(raw).map_err(|_| MoneyError::TooLarge)
}

pub(crate) fn parse_decimal(raw: &str) -> Result<Decimal, MoneyError> {
    parse_plain(raw)
}

impl std::fmt::Display for Money {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:.2}", self.0)
    }
}

impl TryFrom<String> for Money {
    type Error = MoneyError;
    fn try_from(raw: String) -> Result<Self, MoneyError> {
        Self::parse(&raw)
    }
}

impl From<Money> for String {
    fn from(money: Money) -> String {
        money.to_string()
    }
}

/// An amount above zero, as a grant, a hold or a charge needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Money", into = "Money")]
pub struct PositiveMoney(Money);

impl PositiveMoney {
    pub fn new(amount: Money) -> Result<Self, MoneyError> {
        if amount.is_positive() { Ok(Self(amount)) } else { Err(MoneyError::NotPositive) }
    }

    #[must_use]
    pub fn get(self) -> Money {
        self.0
    }
}

impl TryFrom<Money> for PositiveMoney {
    type Error = MoneyError;
    fn try_from(amount: Money) -> Result<Self, MoneyError> {
        Self::new(amount)
    }
}

impl From<PositiveMoney> for Money {
    fn from(amount: PositiveMoney) -> Money {
        amount.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        use MoneyError::{NotANumber, TooLarge, TooManyDecimals};
        let table: [(&str, Result<&str, MoneyError>); 22] = [
            ("250", Ok("250.00")),
            ("99.5", Ok("99.50")),
            ("99.50", Ok("99.50")),
            ("0.01", Ok("0.01")),
            ("-3.10", Ok("-3.10")),
            ("-0", Ok("0.00")),
            ("99.500", Err(TooManyDecimals)),
            ("\"127\"", Ok("127.00")),
            ("10000000000", Ok("10000000000.00")),
            ("10000000000.01", Err(TooLarge)),
            ("9.999", Err(TooManyDecimals)),
            ("0.001", Err(TooManyDecimals)),
            ("1e3", Err(NotANumber)),
            ("\"1e3\"", Err(NotANumber)),
            ("abc", Err(NotANumber)),
            ("", Err(NotANumber)),
            ("+5", Err(NotANumber)),
            (".5", Err(NotANumber)),
            ("5.", Err(NotANumber)),
            ("1,000", Err(NotANumber)),
            ("null", Err(NotANumber)),
            ("9999999999999999999999999999999", Err(TooLarge)),
        ];
        for (raw, expected) in table {
            assert_eq!(Money::parse_json(raw).map(String::from), expected.map(str::to_owned), "{raw}");
        }
    }

    #[test]
    fn a_text_of_up_to_24_characters_is_read() {
        let zeros = |count: usize, rest: &str| format!("{}{rest}", "0".repeat(count));
        assert_eq!(parse_plain(&zeros(23, "1")), Ok(Decimal::ONE));
        assert_eq!(parse_plain(&zeros(24, "1")), Err(MoneyError::TooLarge));
        assert_eq!(parse_plain(&zeros(20, ".1234")), Err(MoneyError::TooLarge));
        assert_eq!(parse_plain(&zeros(19, ".12345")), Err(MoneyError::TooManyDecimals));
    }

    #[test]
    fn ten_billion_is_the_most_either_way() {
        for cents in [CENTS_MAX, -CENTS_MAX] {
            assert_eq!(Money::from_cents(cents).unwrap().cents(), cents);
        }
        for cents in [CENTS_MAX + 1, -CENTS_MAX - 1, i64::MIN, i64::MAX] {
            assert_eq!(Money::from_cents(cents), Err(MoneyError::TooLarge));
        }
    }

    #[test]
    fn an_amount_knows_its_sign_and_a_sum_its_parts() {
        let money = |cents| Money::from_cents(cents).unwrap();
        let signs = |cents| {
            let money = money(cents);
            (money.is_negative(), money.is_zero(), money.is_positive())
        };
        assert_eq!(
            [signs(-1), signs(0), signs(1)],
            [(true, false, false), (false, true, false), (false, false, true)]
        );
        assert_eq!(Money::sum([110, 220, -30].map(money)), Ok(money(300)));
        assert_eq!(Money::sum([]), Ok(Money::ZERO));
        assert_eq!(Money::sum([CENTS_MAX, 1].map(money)), Err(MoneyError::TooLarge));
    }

    #[test]
    fn amounts_are_texts_in_records() {
        assert_eq!(Money::try_from("2.50".to_owned()), Money::from_cents(250));
        assert_eq!(Money::try_from("2.505".to_owned()), Err(MoneyError::TooManyDecimals));
        let positive = PositiveMoney::new(Money::from_cents(250).unwrap()).unwrap();
        assert_eq!((positive.get().cents(), Money::from(positive).cents()), (250, 250));
    }

    #[test]
    fn dollars_round_up() {
        assert_eq!(Money::parse("700.01").unwrap().ceil_to_dollar().unwrap().to_string(), "701.00");
        assert_eq!(Money::parse("700.00").unwrap().ceil_to_dollar().unwrap().to_string(), "700.00");
    }

    #[test]
    fn positive_money_refuses_nothing_and_less() {
        assert_eq!(PositiveMoney::new(Money::ZERO), Err(MoneyError::NotPositive));
        assert_eq!(PositiveMoney::new(Money::from_cents(-1).unwrap()), Err(MoneyError::NotPositive));
        assert!(PositiveMoney::new(Money::from_cents(1).unwrap()).is_ok());
    }

    proptest! {
        #[test]
        fn text_and_cents_round_trip(cents in -CENTS_MAX..=CENTS_MAX) {
            let money = Money::from_cents(cents).unwrap();
            prop_assert_eq!(money.cents(), cents);
            prop_assert_eq!(Money::parse(&money.to_string()), Ok(money));
            prop_assert_eq!(money.negated().cents(), -cents);
        }

        #[test]
        fn adding_and_taking_away_is_exact(a in -1_000_000_000i64..1_000_000_000, b in -1_000_000_000i64..1_000_000_000) {
            let (left, right) = (Money::from_cents(a).unwrap(), Money::from_cents(b).unwrap());
            prop_assert_eq!(left.plus(right).unwrap().cents(), a + b);
            prop_assert_eq!(left.minus(right).unwrap().cents(), a - b);
            prop_assert_eq!(left < right, a < b);
        }
    }
}
