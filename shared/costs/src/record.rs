//! [`ReportRecord`]: the record that freezes a closed month's report.

use crate::MonthCosts;
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{Fingerprint, Month, Timestamp};

/// Stands once for each closed month, and never changes. Its files were written before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportRecord {
    /// The month that was closed.
    pub month: Month,
    /// Of the JSON file's text: what is read back must be what was frozen.
    pub fingerprint: Fingerprint,
    /// What both vendors may bill, in USD.
    pub total_cost: Money,
    /// What customers were charged, in credits.
    pub total_revenue: Money,
    /// When it was frozen.
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
