//! What DropLab owes its vendors: monthly costs and reports.
//!
//! Owns the vendor costs of a month and the report that closes it. Reads the month roll-ups alone, never history, so
//! its cost does not grow with the years. Knows nothing of prices (the cost was fixed in the charge's own
//! transaction), of purchases and jobs, or of HTTP.

#![deny(clippy::as_conversions)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used))]

mod failure;
mod figures;
mod month_costs;
mod record;
mod report;
mod reports;
mod vendor_costs;

pub use failure::CostsFailure;
pub use figures::{DataAxleFigures, Figures, PostgridFigures};
pub use month_costs::{DataAxleCosts, MonthCosts, OrganizationCosts, PostgridCosts};
pub use record::ReportRecord;
pub use report::{ReportStatus, csv, document, html};
pub use reports::{Downloads, MonthNotBegun, Report, Reports, close_previous_month, produce_report};
pub use vendor_costs::{Costs, MonthCount, MonthCountError, VendorCostsAnswer, vendor_costs};
