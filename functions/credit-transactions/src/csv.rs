//! The statement as CSV: an opening balance, every hashed field of the entries, a closing balance, so that the
//! chain can be verified from the file alone. Its form stands in SPECIFICATION.md.

use ledger::{BalanceAt, Entry};
use serde_json::{Value, json};
use terms::OrganizationId;

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

/// What a file says.
pub(crate) struct Contents<'a> {
    pub organization: &'a OrganizationId,
    /// Whether all entries between the balances are listed, or only those of a kind.
    pub is_extract: bool,
    /// The balance before the entries, and its words.
    pub opening: (BalanceAt, String),
    pub entries: &'a [Entry],
    /// The balance after them, and its words.
    pub closing: (BalanceAt, String),
}

impl Contents<'_> {
    /// The file, oldest entry first, RFC 4180.
    pub fn write(&self) -> Result<String, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(COLUMNS)?;
        let opening = self.balance("opening-balance", &self.opening);
        let closing = self.balance("closing-balance", &self.closing);
        let entries = self.entries.iter().map(Entry::to_json);
        for row in std::iter::once(opening).chain(entries).chain([closing]) {
            writer.write_record(COLUMNS.map(|column| cell(column, &row[column])))?;
        }
        let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A balance is no entry: it has no number, no amount and no hash of its own, but those of the entry that
    /// it stands behind.
    fn balance(&self, kind: &str, (balance, words): &(BalanceAt, String)) -> Value {
        json!({
            "transactionType": kind,
            "recordedAt": balance.recorded_at,
            "description": words,
            "balanceAfter": balance.available,
            "heldAfter": balance.held,
            "referenceType": if self.is_extract { "extract" } else { "statement" },
            "referenceId": balance.seq.to_string(),
            "organizationId": self.organization,
            "lots": [],
            "hash": balance.head.to_string(),
        })
    }
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
