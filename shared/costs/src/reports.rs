//! The use case that produces a month's report: frozen once the month is closed, provisional before.
//!
//! Order of writes: the three files, then the record. After a crash in between, the next run writes the same files
//! again, byte for byte: a closed month's roll-ups do not change, and its report holds no time of its own. The
//! provisional report has its own keys, so that a slow run of an open month cannot overwrite a frozen report.

use crate::report::{self, ReportStatus};
use crate::{Costs, CostsFailure, MonthCosts, ReportRecord};
use futures::future::try_join3;
use platform::{ObjectStore, objects::DOWNLOAD_LINK};
use serde::Serialize;
use serde_json::value::RawValue;
use tables::{Insert, WorkTable};
use terms::{Clock, Fingerprint, Month};

/// How long after its end a month counts as closed: a movement recorded in its last moments may still be on its way
/// into the table.
const CLOSES_AFTER_SECONDS: i64 = 15 * 60;

const JSON: (&str, &str) = ("json", "application/json");
const CSV: (&str, &str) = ("csv", "text/csv; charset=utf-8");
const HTML: (&str, &str) = ("html", "text/html; charset=utf-8");

#[derive(Debug, Clone)]
pub struct Reports {
    costs: Costs,
    work: WorkTable,
    files: ObjectStore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the month {month} has not begun")]
pub struct MonthNotBegun {
    pub month: Month,
}

/// Links to a report's files, valid for five minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Downloads {
    pub json: String,
    pub csv: String,
    pub html: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub month: Month,
    pub status: ReportStatus,
    pub downloads: Downloads,
    /// The text of the JSON file, unchanged.
    pub report: Box<RawValue>,
}

impl Reports {
    #[must_use]
    pub fn new(costs: Costs, work: WorkTable, files: ObjectStore) -> Self {
        Self { costs, work, files }
    }

    /// The present month, which is open.
    #[must_use]
    pub fn present_month(&self) -> Month {
        Month::of(self.costs.clock().now())
    }

    async fn frozen(&self, month: Month) -> Result<Option<String>, CostsFailure> {
        let Some(stored) = self.work.get::<ReportRecord>(&ReportRecord::key_of(month)).await? else {
            return Ok(None);
        };
        self.read_back(&stored.record).await.map(Some)
    }

    /// Fails unless the file is the one that was frozen.
    async fn read_back(&self, record: &ReportRecord) -> Result<String, CostsFailure> {
        let key = key(record.month, ReportStatus::Final, JSON);
        let Some(bytes) = self.files.get(&key).await? else {
            return Err(CostsFailure::FileMissing { key });
        };
        match String::from_utf8(bytes.into()) {
            Ok(text) if Fingerprint::of(&[&text]) == record.fingerprint => Ok(text),
            Ok(_) | Err(_) => Err(CostsFailure::FileAltered { key }),
        }
    }

    async fn store(
        &self,
        costs: &MonthCosts,
        status: ReportStatus,
        document: &str,
    ) -> Result<(), CostsFailure> {
        // boxed here and below: the future of an SDK call is 10 KB, and several side by side fill a stack
        let put = |format: (&'static str, &'static str), text: String| {
            let file = key(costs.month, status, format);
            Box::pin(async move { self.files.put(&file, text, format.1).await })
        };
        let table = report::csv(costs, status)?;
        let page = report::html(costs, status);
        try_join3(put(JSON, document.to_owned()), put(CSV, table), put(HTML, page)).await?;
        Ok(())
    }

    async fn link(
        &self,
        month: Month,
        status: ReportStatus,
        format: (&str, &str),
    ) -> Result<String, CostsFailure> {
        let name = format!("vendor-costs-{month}.{}", format.0);
        Ok(self.files.presigned_get(&key(month, status, format), &name, DOWNLOAD_LINK).await?)
    }

    async fn answer(
        &self,
        month: Month,
        status: ReportStatus,
        document: String,
    ) -> Result<Report, CostsFailure> {
        let link = |format| Box::pin(self.link(month, status, format));
        let (json, csv, html) = try_join3(link(JSON), link(CSV), link(HTML)).await?;
        let report = RawValue::from_string(document)?;
        Ok(Report { month, status, downloads: Downloads { json, csv, html }, report })
    }
}

/// Produces the report of a month, or reads back the frozen one. After a failure the same call completes it.
///
/// An open month's report is provisional and overwrites the one before it. A closed month's report is produced once;
/// a later movement belongs to the month in which it is recorded.
pub async fn produce_report(
    reports: &Reports,
    month: Month,
) -> Result<Result<Report, MonthNotBegun>, CostsFailure> {
    if month > reports.present_month() {
        return Ok(Err(MonthNotBegun { month }));
    }
    report_of(reports, month).await.map(Ok)
}

/// Closes the month before the present one, as the schedule does on the 1st. A repetition reads back the frozen
/// report; after a failure the same call completes it.
pub async fn close_previous_month(reports: &Reports) -> Result<Report, CostsFailure> {
    report_of(reports, reports.present_month().previous()).await
}

async fn report_of(reports: &Reports, month: Month) -> Result<Report, CostsFailure> {
    let clock = reports.costs.clock();
    if !is_closed(month, clock) {
        let costs = reports.costs.month(month).await?;
        let status = ReportStatus::Provisional { as_of: clock.now() };
        let document = report::document(&costs, status)?;
        Box::pin(reports.store(&costs, status, &document)).await?;
        return reports.answer(month, status, document).await;
    }
    let document = match Box::pin(reports.frozen(month)).await? {
        Some(document) => document,
        None => Box::pin(freeze(reports, month)).await?,
    };
    reports.answer(month, ReportStatus::Final, document).await
}

async fn freeze(reports: &Reports, month: Month) -> Result<String, CostsFailure> {
    let costs = reports.costs.month(month).await?;
    let document = report::document(&costs, ReportStatus::Final)?;
    Box::pin(reports.store(&costs, ReportStatus::Final, &document)).await?;
    let record = ReportRecord::of(&costs, &document, reports.costs.clock().now());
    match reports.work.insert(&record).await? {
        Insert::Done(_) => {
            tracing::info!(%month, "the month is closed and its report frozen");
            Ok(document)
        }
        Insert::Exists(stored) => reports.read_back(&stored.record).await,
    }
}

fn is_closed(month: Month, clock: &Clock) -> bool {
    month < Month::of(clock.now().plus_seconds(CLOSES_AFTER_SECONDS.saturating_neg()))
}

fn key(month: Month, status: ReportStatus, format: (&str, &str)) -> String {
    let folder = match status {
        ReportStatus::Final => "",
        ReportStatus::Provisional { .. } => "provisional/",
    };
    format!("reports/{month}/{folder}vendor-costs.{}", format.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::Timestamp;

    #[test]
    fn a_month_is_closed_a_quarter_of_an_hour_after_its_end() {
        let november = Month::parse("2026-11").unwrap();
        let closed = |now: &str| {
            let now = Timestamp::parse(now).unwrap();
            is_closed(november, &Clock::from_fn(move || now))
        };
        assert!(!closed("2026-11-30T23:59:59Z"));
        assert!(!closed("2026-12-01T00:14:59.999Z"));
        assert!(closed("2026-12-01T00:15:00Z"));
    }

    #[test]
    fn a_provisional_report_never_shares_a_key_with_a_frozen_one() {
        let month = Month::parse("2026-11").unwrap();
        assert_eq!(key(month, ReportStatus::Final, JSON), "reports/2026-11/vendor-costs.json");
        let as_of = Timestamp::from_ms(0);
        let provisional = key(month, ReportStatus::Provisional { as_of }, HTML);
        assert_eq!(provisional, "reports/2026-11/provisional/vendor-costs.html");
    }
}
