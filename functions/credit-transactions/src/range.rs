//! Which part of a statement a query asks for.

use ledger::EntryKind;
use platform::{Problem, http::Query};
use terms::Timestamp;

/// Which part of a statement.
pub(crate) struct Range {
    pub kind: Option<EntryKind>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

impl Range {
    /// Reads `kind`, `from` and `to`.
    pub(crate) fn of(query: &Query) -> Result<Self, Problem> {
        let time = "a time in RFC 3339, such as 2026-11-01T00:00:00Z";
        let kind = "a kind of entry, such as purchase, hold, charge or release";
        let range = Self {
            kind: query.parsed("kind", kind, |raw| EntryKind::parse(raw).ok_or("unknown"))?,
            from: query.parsed("from", time, Timestamp::parse)?,
            to: query.parsed("to", time, Timestamp::parse)?,
        };
        if range.from.zip(range.to).is_some_and(|(from, to)| from > to) {
            let detail = "The query parameter from is later than to. A range holds what was recorded at or after \
                          from, and before to.";
            return Err(Problem::bad_request("invalid_parameter", detail));
        }
        Ok(range)
    }
}
