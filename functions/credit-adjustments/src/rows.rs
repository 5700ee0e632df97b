//! The CSV of opening balances: a header of `rowId`, `organizationId`, `credits` and, if it is wanted, `stripeCustomerId`,
//! whose cells may be empty. Two more columns may follow, `override` and `reason`: a row with `true` is imported although
//! the organization has an opening balance or has used credits.

use crate::sheet::{self, Cell, Columns};
use billing::{AdjustmentReason, ImportRow, limits};
use money::Money;
use platform::Problem;
use std::collections::BTreeSet;
use terms::{IdempotencyKey, OrganizationId};

/// Rows of one file: what is imported within one request's time.
const ROWS_MAX: usize = 200;

const COLUMNS: Columns = Columns {
    names: &["rowId", "organizationId", "credits", "stripeCustomerId", "override", "reason"],
    required: 3,
};

/// All rows, or the first mistake with its line and column.
///
/// # Errors
/// A problem 400 that names the file's line, its column and the mistake. Nothing has been imported.
pub fn read(body: &[u8]) -> Result<Vec<ImportRow>, Problem> {
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for cells in sheet::read(body, &COLUMNS)? {
        // The header has the first three, so each row has.
        let [Some(id), Some(organization), Some(credits), customer, overrides, reason] =
            <[Option<Cell>; 6]>::try_from(cells).map_err(|_| Problem::internal())?
        else {
            return Err(Problem::internal());
        };
        let row = row_of(&id, &organization, &credits, customer.as_ref())?;
        let row = ImportRow { overrides: overrides_of(overrides.as_ref(), reason.as_ref())?, ..row };
        if !seen.insert(row.row_id.clone()) {
            return Err(id.wrong("a rowId may be only once in the file"));
        }
        rows.push(row);
    }
    let total = Money::sum(rows.iter().map(|row| row.credits)).ok();
    if total.is_none_or(|total| total > limits::opening_file_max()) {
        let sentence = format!(
            "The rows of this file add up to more than {} credits. Nothing was imported: send the file in parts.",
            limits::opening_file_max()
        );
        return Err(Problem::bad_request("file_total_too_large", sentence));
    }
    match rows.len() {
        0 => Err(sheet::problem("invalid_row", 1, None, "no row follows the header")),
        1..=ROWS_MAX => Ok(rows),
        _ => Err(Problem::bad_request(
            "too_many_rows",
            format!("This file has more than {ROWS_MAX} rows. Nothing was imported: send the file in parts."),
        )),
    }
}

fn row_of(
    id: &Cell,
    organization: &Cell,
    amount: &Cell,
    customer: Option<&Cell>,
) -> Result<ImportRow, Problem> {
    IdempotencyKey::parse(&id.text).map_err(|_| id.wrong("rowId is 1 to 255 printable ASCII characters"))?;
    let organization = OrganizationId::parse(&organization.text)
        .map_err(|_| organization.wrong("organizationId is an organization's id"))?;
    let credits =
        Money::parse(&amount.text).map_err(|_| amount.wrong("credits is an amount such as 127.50"))?;
    if credits.is_negative() {
        return Err(amount.wrong("credits is not below 0.00"));
    }
    if credits > limits::opening_row_max() {
        return Err(amount.wrong(&format!("credits is at most {} in one row", limits::opening_row_max())));
    }
    let customer = customer.filter(|customer| !customer.text.is_empty());
    let is_customer =
        |id: &str| id.starts_with("cus_") && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if let Some(customer) = customer.filter(|customer| !is_customer(&customer.text)) {
        return Err(customer.wrong("stripeCustomerId is a cus_ id or empty"));
    }
    if customer.is_none() && credits.is_zero() {
        return Err(amount.wrong("a row without stripeCustomerId must have credits"));
    }
    let customer = customer.map(|customer| customer.text.clone());
    Ok(ImportRow { row_id: id.text.clone(), organization, credits, customer, overrides: None })
}

/// The reason of a row that overrides the rule of opening balances.
fn overrides_of(
    overrides: Option<&Cell>,
    reason: Option<&Cell>,
) -> Result<Option<AdjustmentReason>, Problem> {
    let reason = reason.filter(|reason| !reason.text.is_empty());
    match (overrides.map(|cell| (cell, cell.text.as_str())), reason) {
        (Some((_, "true")), Some(reason)) => AdjustmentReason::parse(&reason.text)
            .map(Some)
            .map_err(|mistake| reason.wrong(&format!("the reason {mistake}"))),
        (Some((cell, "true")), None) => Err(cell.wrong("override needs a reason in the column reason")),
        (None | Some((_, "" | "false")), None) => Ok(None),
        (None | Some((_, "" | "false")), Some(reason)) => {
            Err(reason.wrong("a reason is allowed only beside an override of true"))
        }
        (Some((cell, _)), _) => Err(cell.wrong("override is true, false or empty")),
    }
}
