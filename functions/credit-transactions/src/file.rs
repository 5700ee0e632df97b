//! The statement as one file: which part of it, and no more than one answer carries.

use crate::{
    csv::Contents,
    handler::{State, unavailable},
    range::Range,
};
use lambda_http::{Body, Response, http::StatusCode};
use ledger::BalanceAt;
use platform::{Problem, http};
use terms::{BYTE_ORDER_MARK, OrganizationId};

/// The entries that one file spans at most. They are usually below 4 MB.
const ENTRIES_MAX: u64 = 5_000;
/// What Lambda answers at most is 6 MB, with the text in JSON. The rest is for the headers.
const ANSWER_BYTES_MAX: usize = 6_000_000;

/// The CSV of a part of an organization's statement, with the balances before and after it.
pub(crate) async fn answer(
    state: &State,
    organization: &OrganizationId,
    range: &Range,
    with_byte_order_mark: bool,
) -> Result<Response<Body>, Problem> {
    let ledger = &state.ledger;
    let closing = match range.to {
        Some(to) => ledger.balance_before(organization, to).await,
        None => ledger.latest_balance(organization).await,
    };
    let closing = closing.map_err(unavailable)?;
    let opening = match range.from {
        Some(from) => ledger.balance_before(organization, from).await.map_err(unavailable)?,
        None => BalanceAt::EMPTY,
    };
    // Read second, it may know an entry more.
    let closing = if opening.seq > closing.seq { opening } else { closing };
    let spans = closing.seq.saturating_sub(opening.seq);
    if spans > ENTRIES_MAX {
        let why = format!("A file spans at most {ENTRIES_MAX} entries, and this one would span {spans}.");
        return Err(too_large(spans, &why));
    }
    let between = (&opening, &closing);
    let entries = ledger.entries_between(organization, between, range.kind).await.map_err(unavailable)?;
    let contents = Contents {
        organization,
        is_extract: range.kind.is_some(),
        opening: (opening, words("Opening balance", range, range.from)),
        entries: &entries,
        closing: (closing, words("Closing balance", range, range.to)),
    };
    let text = contents.write().map_err(|error| {
        platform::log::failure("a statement could not be written", &error);
        Problem::internal()
    })?;
    let text = if with_byte_order_mark { format!("{BYTE_ORDER_MARK}{text}") } else { text };
    if answer_bytes(&text) > ANSWER_BYTES_MAX {
        return Err(too_large(spans, "These entries touch so many lots that one file cannot hold them."));
    }
    Ok(http::csv("statement.csv", text))
}

fn words(of: &str, range: &Range, at: Option<terms::Timestamp>) -> String {
    let at = at.map(|at| format!(" at {at}")).unwrap_or_default();
    let kind = range.kind.map(|kind| format!("; only entries of kind {} are listed", kind.as_str()));
    format!("{of}{at}{}", kind.unwrap_or_default())
}

/// The text's size within Lambda's answer: JSON escapes what CSV is full of.
fn answer_bytes(text: &str) -> usize {
    let escapes = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
        0..=0x1f => 5,
        _ => 0,
    });
    text.len().saturating_add(escapes.sum())
}

fn too_large(spans: u64, why: &str) -> Problem {
    let detail = format!(
        "{why} Request a part with from and to, for example one month; each part begins where the one before \
         it ends, and they verify together."
    );
    let title = "The statement is too long for one file";
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "statement_too_large", title, detail)
        .with("entries", spans)
        .with("entriesMax", ENTRIES_MAX)
}
