//! The report as CSV, safe to open in a spreadsheet.

use crate::month_costs::{MonthCosts, VendorMonth};
use crate::report::ReportStatus;
use crate::{CostsFailure, DataAxleFigures, Figures, PostgridFigures};
use std::borrow::Cow;

/// First characters that a spreadsheet reads as a formula or command, full-width forms included.
const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

const HEADER: [&str; 11] = [
    "month",
    "status",
    "line",
    "vendor",
    "organizationId",
    "orders",
    "quantity",
    "cost",
    "revenue",
    "profit",
    "marginPercent",
];

/// Text from outside as a cell: what a spreadsheet would run gets a leading apostrophe. Our own numbers, negative
/// ones too, need none.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let control = text.starts_with(char::is_control);
    let shown = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter.is_control());
    if control || shown.starts_with(FORMULA_STARTS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The orders and quantity of a line; a month's total has none, since contacts and pieces do not add up.
#[derive(Clone, Copy)]
struct Counts {
    orders: i64,
    quantity: i64,
}

/// Writes lines that share the month and its status.
struct Table {
    writer: ::csv::Writer<Vec<u8>>,
    month: String,
    status: &'static str,
}

impl Table {
    fn line(
        &mut self,
        place: [&str; 3],
        counts: Option<Counts>,
        figures: &Figures,
    ) -> Result<(), CostsFailure> {
        let [line, vendor, organization] = place;
        let count = |of: fn(Counts) -> i64| counts.map(|counts| of(counts).to_string()).unwrap_or_default();
        self.writer.write_record([
            self.month.as_str(),
            self.status,
            line,
            vendor,
            &cell(organization),
            &count(|counts| counts.orders),
            &count(|counts| counts.quantity),
            &figures.cost.to_string(),
            &figures.revenue.to_string(),
            &figures.profit.to_string(),
            &figures.margin_percent.to_string(),
        ])?;
        Ok(())
    }

    fn vendor<F>(
        &mut self,
        vendor: &str,
        month: &VendorMonth<F>,
        read: fn(&F) -> (Counts, Figures),
    ) -> Result<(), CostsFailure> {
        for row in &month.organizations {
            let (counts, figures) = read(&row.figures);
            self.line(["organization", vendor, row.organization_id.as_str()], Some(counts), &figures)?;
        }
        let (counts, figures) = read(&month.total);
        self.line(["vendor", vendor, ""], Some(counts), &figures)
    }
}

fn of_data_axle(row: &DataAxleFigures) -> (Counts, Figures) {
    (Counts { orders: row.purchases, quantity: row.contacts }, row.figures)
}

fn of_postgrid(row: &PostgridFigures) -> (Counts, Figures) {
    (Counts { orders: row.jobs, quantity: row.pieces }, row.figures)
}

/// The report as CSV (RFC 4180): a line for each organization and vendor, one for each vendor (`line` = `vendor`),
/// and one for the month (`line` = `month`). Amounts in USD.
pub fn csv(costs: &MonthCosts, status: ReportStatus) -> Result<String, CostsFailure> {
    let writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    let mut table = Table { writer, month: costs.month.to_string(), status: status.as_str() };
    table.writer.write_record(HEADER)?;
    table.vendor("data-axle", &costs.data_axle, of_data_axle)?;
    table.vendor("postgrid", &costs.postgrid, of_postgrid)?;
    table.line(["month", "", ""], None, &costs.total())?;
    let bytes = table.writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::month_costs::tests::{november, november_story, row, totals};
    use ledger::VendorTotals;

    fn read_back(text: &str) -> Vec<Vec<String>> {
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn the_november_story_reads_back_from_csv() {
        let rows = read_back(&csv(&november_story(), ReportStatus::Final).unwrap());
        let joined: Vec<String> = rows.iter().map(|row| row.join("|")).collect();
        assert_eq!(
            joined,
            [
                "month|status|line|vendor|organizationId|orders|quantity|cost|revenue|profit|marginPercent",
                "2026-11|final|organization|data-axle|org_cedar|1|50000|5000.00|9000.00|4000.00|44.44",
                "2026-11|final|organization|data-axle|org_alder|1|10000|1200.00|2000.00|800.00|40.00",
                "2026-11|final|organization|data-axle|org_birch|5|5000|750.00|1500.00|750.00|50.00",
                "2026-11|final|vendor|data-axle||7|65000|6950.00|12500.00|5550.00|44.40",
                "2026-11|final|organization|postgrid|org_cedar|1|10000|8500.00|10000.00|1500.00|15.00",
                "2026-11|final|organization|postgrid|org_birch|1|1200|1020.00|1200.00|180.00|15.00",
                "2026-11|final|organization|postgrid|org_alder|1|500|425.00|500.00|75.00|15.00",
                "2026-11|final|vendor|postgrid||3|11700|9945.00|11700.00|1755.00|15.00",
                "2026-11|final|month|||||16895.00|24200.00|7305.00|30.19",
            ]
        );
    }

    #[test]
    fn a_cell_that_a_spreadsheet_would_run_is_quoted() {
        for dangerous in
            ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0", "  =1", "＝1", "－org", "\u{7f}x"]
        {
            assert_eq!(cell(dangerous), format!("'{dangerous}"));
        }
        for harmless in ["", "org_alder", "a=b", "1-2", "'x", " plain"] {
            assert_eq!(cell(harmless), harmless);
        }
    }

    #[test]
    fn an_organizations_id_cannot_be_a_formula_and_negative_amounts_stay_numbers() {
        let rows = [row("-1_cmd", VendorTotals::default(), totals(0, -2, "-1.70", "-2.00"))];
        let month = MonthCosts::from_rows(november(), &rows).unwrap();
        let lines = read_back(&csv(&month, ReportStatus::Final).unwrap());
        let correction = lines.iter().find(|line| line[4] == "'-1_cmd").unwrap();
        assert_eq!(correction[6..], ["-2", "-1.70", "-2.00", "-0.30", "15.00"]);
    }
}
