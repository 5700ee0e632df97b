//! The use case behind GET /api/admin/vendor-costs: the newest months' vendor costs.

use crate::{CostsFailure, MonthCosts};
use futures::{StreamExt, TryStreamExt, stream};
use ledger::Ledger;
use serde::Serialize;
use terms::{Clock, Month};

/// How many months are read at the same time; each takes a handful of queries.
const MONTHS_AT_ONCE: usize = 4;

#[derive(Debug, Clone)]
pub struct Costs {
    ledger: Ledger,
    clock: Clock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a whole number from 1 to {}", MonthCount::MOST)]
pub struct MonthCountError;

/// How many months back, 1 to 24; the present one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthCount(usize);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VendorCostsAnswer {
    /// Newest first, empty months included.
    pub months: Vec<MonthCosts>,
}

impl MonthCount {
    pub const MOST: usize = 24;

    pub fn parse(raw: &str) -> Result<Self, MonthCountError> {
        let digits = raw.len() <= 2 && raw.bytes().all(|byte| byte.is_ascii_digit());
        let count: usize = if digits { raw.parse().map_err(|_| MonthCountError)? } else { 0 };
        if (1..=Self::MOST).contains(&count) { Ok(Self(count)) } else { Err(MonthCountError) }
    }
}

impl Default for MonthCount {
    /// A year.
    fn default() -> Self {
        Self(12)
    }
}

impl Costs {
    #[must_use]
    pub fn new(ledger: Ledger, clock: Clock) -> Self {
        Self { ledger, clock }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) async fn month(&self, month: Month) -> Result<MonthCosts, CostsFailure> {
        MonthCosts::from_rows(month, &Box::pin(self.ledger.month(month)).await?)
    }
}

/// The present month and the ones before it.
pub async fn vendor_costs(costs: &Costs, months: MonthCount) -> Result<VendorCostsAnswer, CostsFailure> {
    let newest = Month::of(costs.clock.now());
    let asked = newest.back(months.0).into_iter().map(|month| costs.month(month));
    let months = stream::iter(asked).buffered(MONTHS_AT_ONCE).try_collect().await?;
    Ok(VendorCostsAnswer { months })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_24_months_can_be_asked_for() {
        for (raw, expected) in [("1", Some(1)), ("12", Some(12)), ("24", Some(24)), ("06", Some(6))] {
            assert_eq!(MonthCount::parse(raw).ok().map(|count| count.0), expected, "{raw}");
        }
        for bad in ["0", "25", "-1", "+1", "", "1.5", "twelve", "100", "1e1"] {
            assert_eq!(MonthCount::parse(bad), Err(MonthCountError), "{bad}");
        }
        assert_eq!(MonthCountError.to_string(), "a whole number from 1 to 24");
    }
}
