//! A month's report in its three forms: JSON, CSV and a page. Pure.

mod chart;
mod page;
mod style;
mod table;

pub use page::html;
pub use table::csv;

use crate::MonthCosts;
use serde::{Serialize, Serializer};
use terms::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportStatus {
    /// The month is closed: the report is frozen.
    Final,
    /// The month is open.
    Provisional {
        /// When its figures were read.
        as_of: Timestamp,
    },
}

impl ReportStatus {
    /// `final` or `provisional`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Provisional { .. } => "provisional",
        }
    }

    fn as_of(self) -> Option<Timestamp> {
        match self {
            Self::Final => None,
            Self::Provisional { as_of } => Some(as_of),
        }
    }
}

impl Serialize for ReportStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    status: ReportStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    #[serde(flatten)]
    costs: &'a MonthCosts,
}

/// The report as JSON: the month's figures with `status`, and `asOf` while it is provisional.
pub fn document(costs: &MonthCosts, status: ReportStatus) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&Document { status, as_of: status.as_of(), costs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::month_costs::tests::november_story;

    #[test]
    fn the_document_holds_the_figures_and_the_status() {
        let frozen: serde_json::Value =
            serde_json::from_str(&document(&november_story(), ReportStatus::Final).unwrap()).unwrap();
        assert_eq!((&frozen["status"], &frozen["totalCost"]), (&"final".into(), &"16895.00".into()));
        assert!(frozen.get("asOf").is_none());
        let as_of = Timestamp::parse("2026-11-22T08:00:00Z").unwrap();
        let open = document(&november_story(), ReportStatus::Provisional { as_of }).unwrap();
        assert!(open.contains("\"asOf\": \"2026-11-22T08:00:00.000Z\""));
    }

    #[test]
    fn a_frozen_report_is_the_same_text_however_often_it_is_written() {
        let write = || document(&november_story(), ReportStatus::Final).unwrap();
        assert_eq!(write(), write());
    }
}
