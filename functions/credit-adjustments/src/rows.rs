//! The CSV of opening balances: `rowId,organizationId,credits,stripeCustomerId`, one header line, the last
//! column may be empty. Two more columns may follow, `override,reason`: a row with `true` is imported although the
//! organization has an opening balance or has used credits.

use billing::{ADJUSTMENT_REASON_MAX, OpeningRow, limits};
use money::Money;
use platform::Problem;
use serde::Deserialize;
use std::collections::BTreeSet;
use terms::{IdempotencyKey, OrganizationId};

/// Rows of one file: what is brought over within one request's time.
const ROWS_MAX: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    row_id: String,
    organization_id: String,
    credits: String,
    #[serde(default)]
    stripe_customer_id: Option<String>,
    #[serde(default, rename = "override")]
    overrides: Option<String>,
    #[serde(default)]
    reason: Option<String>,
}

/// All rows, or the first mistake with its line.
///
/// # Errors
/// A problem 400 that names line and mistake. Nothing has been brought over.
pub fn read(body: &[u8]) -> Result<Vec<OpeningRow>, Problem> {
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    for (at, line) in reader.deserialize::<Line>().enumerate() {
        let number = at.saturating_add(2);
        let line = line
            .map_err(|_| wrong(number, "the columns are rowId, organizationId, credits, stripeCustomerId, and perhaps override, reason"))?;
        let row = row_of(line).map_err(|mistake| wrong(number, &mistake))?;
        if !seen.insert(row.row_id.clone()) {
            return Err(wrong(number, "this rowId stands twice in the file"));
        }
        rows.push(row);
    }
    let total = Money::sum(rows.iter().map(|row| row.credits)).ok();
    if total.is_none_or(|total| total > limits::opening_file_max()) {
        let sentence = format!(
            "All rows of one file together bring at most {} credits. Nothing was brought over: send it in parts.",
            limits::opening_file_max()
        );
        return Err(Problem::bad_request("file_total_too_large", sentence));
    }
    match rows.len() {
        0 => Err(wrong(1, "no rows follow a header of rowId,organizationId,credits,stripeCustomerId")),
        1..=ROWS_MAX => Ok(rows),
        _ => Err(Problem::bad_request("too_many_rows", format!("Send at most {ROWS_MAX} rows at a time."))),
    }
}

fn row_of(line: Line) -> Result<OpeningRow, String> {
    IdempotencyKey::parse(&line.row_id).map_err(|_| "rowId is 1 to 255 printable characters".to_owned())?;
    let organization =
        OrganizationId::parse(&line.organization_id).map_err(|_| "organizationId is no id".to_owned())?;
    let credits =
        Money::parse(&line.credits).map_err(|_| "credits is an amount such as 127.50".to_owned())?;
    if credits.is_negative() {
        return Err("credits is not below 0.00".to_owned());
    }
    if credits > limits::opening_row_max() {
        return Err(format!("credits is at most {} in one row", limits::opening_row_max()));
    }
    let customer = line.stripe_customer_id.filter(|customer| !customer.is_empty());
    let is_customer =
        |id: &String| id.starts_with("cus_") && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if customer.as_ref().is_some_and(|customer| !is_customer(customer)) {
        return Err("stripeCustomerId is a cus_ id or empty".to_owned());
    }
    if customer.is_none() && credits.is_zero() {
        return Err("a row brings credits, a customer, or both".to_owned());
    }
    let overrides = overrides_of(line.overrides.as_deref(), line.reason)?;
    Ok(OpeningRow { row_id: line.row_id, organization, credits, customer, overrides })
}

/// The reason of a row that overrides the rule of opening balances.
fn overrides_of(overrides: Option<&str>, reason: Option<String>) -> Result<Option<String>, String> {
    let reason = reason.filter(|reason| !reason.is_empty());
    match (overrides.unwrap_or_default(), reason) {
        ("true", Some(reason)) if reason.chars().count() <= ADJUSTMENT_REASON_MAX => Ok(Some(reason)),
        ("true", _) => Err(format!("override needs a reason of 1 to {ADJUSTMENT_REASON_MAX} characters")),
        ("" | "false", None) => Ok(None),
        ("" | "false", Some(_)) => Err("a reason stands beside override: true alone".to_owned()),
        _ => Err("override is true, false or empty".to_owned()),
    }
}

fn wrong(line: usize, mistake: &str) -> Problem {
    let sentence = format!("Line {line}: {mistake}. Nothing was brought over.");
    Problem::bad_request("invalid_row", sentence).with("line", line)
}
