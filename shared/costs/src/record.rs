//! [`ReportRecord`]: the record that freezes a closed month's report.

use crate::MonthCosts;
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{Fingerprint, Month, Timestamp};

/// One for each closed month; it never changes. Its files are written before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportRecord {
    pub month: Month,
    /// Hash of the JSON file's text, to check that the file is still the one that was frozen.
    pub fingerprint: Fingerprint,
    /// What both vendors may bill, in USD.
    pub total_cost: Money,
    /// What customers were charged, in credits.
    pub total_revenue: Money,
    pub frozen_at: Timestamp,
}

impl ReportRecord {
    pub(crate) fn key_of(month: Month) -> Key {
        Key::new("REPORT", month.to_string())
    }

    pub(crate) fn of(costs: &MonthCosts, document: &str, frozen_at: Timestamp) -> Self {
        Self {
            month: costs.month,
            fingerprint: Fingerprint::of(&[document]),
            total_cost: costs.total_cost,
            total_revenue: costs.total_revenue,
            frozen_at,
        }
    }
}

impl Record for ReportRecord {
    const KIND: &'static str = "report";

    fn key(&self) -> Key {
        Self::key_of(self.month)
    }
}
