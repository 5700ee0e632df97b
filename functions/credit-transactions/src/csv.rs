//! The statement as CSV: every hashed field, so that the chain can be verified from the file alone.

use ledger::Entry;
use serde_json::Value;

/// The columns, in order. `lots` is a JSON list.
const COLUMNS: [&str; 18] = [
    "seq",
    "recordedAt",
    "occurredAt",
    "transactionType",
    "description",
    "amount",
    "balanceBefore",
    "balanceAfter",
    "heldBefore",
    "heldAfter",
    "referenceType",
    "referenceId",
    "actor",
    "organizationId",
    "lots",
    "reverses",
    "previousHash",
    "hash",
];

/// The whole statement, oldest entry first, RFC 4180.
pub(crate) fn statement(entries: &[Entry]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for entry in entries {
        let fields = entry.to_json();
        writer.write_record(COLUMNS.map(|column| cell(column, &fields[column])))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn cell(column: &str, value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    // Amounts may begin with a minus: they are ours, and numbers.
    let is_ours = !matches!(column, "description" | "actor" | "referenceId");
    if is_ours { text } else { safe(&text) }
}

/// A cell that no spreadsheet takes for a formula: what begins like one gets a leading apostrophe.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '\'']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn formulas_become_text_and_can_be_told_from_text() {
        assert_eq!(safe("=1+1"), "'=1+1");
        assert_eq!(safe("'quoted"), "''quoted");
        assert_eq!(safe("plain"), "plain");
    }
}
