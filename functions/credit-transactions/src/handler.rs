//! From HTTP to the ledger's statement and back.

use crate::csv;
use lambda_http::{Body, Request, Response, http::StatusCode};
use ledger::{EntryKind, EntryQuery, Failure, Ledger};
use platform::{Caller, ClaimNames, Problem, http, http::Query, page};
use serde_json::{Value, json};
use terms::{OrganizationId, Timestamp};

/// What the handler works with.
pub struct State {
    /// The ledger.
    pub ledger: Ledger,
    /// How the token's claims are called.
    pub claims: ClaimNames,
}

/// Answers one request.
pub async fn handle(state: &State, request: Request) -> Response<Body> {
    answer(state, &request).await.unwrap_or_else(Response::from)
}

async fn answer(state: &State, request: &Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(request, &state.claims)?;
    if http::accepts_csv(request) {
        http::Query::of(request, &[])?;
        return whole_statement(state, &caller.organization).await;
    }
    let query = http::Query::of(request, &["limit", "cursor", "kind", "from", "to"])?;
    let filter = ["kind", "from", "to"].map(|name| query.text(name).unwrap_or("")).join("|");
    let list = format!("transactions|{filter}");
    let wanted = EntryQuery {
        newest_first: true,
        limit: page::limit(&query)?,
        after_seq: page::decode(&caller.organization, &list, &query)?,
        kind: kind(&query)?,
        from: time(&query, "from")?,
        to: time(&query, "to")?,
    };
    let found = state.ledger.entries(&caller.organization, &wanted).await.map_err(unavailable)?;
    let items: Vec<Value> = found.items.iter().map(ledger::Entry::to_json).collect();
    let next = found.next.map(|seq| page::encode(&caller.organization, &list, &seq));
    Ok(http::json(StatusCode::OK, &json!({"items": items, "nextCursor": next})))
}

async fn whole_statement(state: &State, organization: &OrganizationId) -> Result<Response<Body>, Problem> {
    let entries = state.ledger.statement(organization).await.map_err(unavailable)?;
    let text = csv::statement(&entries).map_err(|error| {
        platform::log::failure("a statement could not be written", &error);
        Problem::internal()
    })?;
    Ok(http::csv("statement.csv", text))
}

fn kind(query: &Query) -> Result<Option<EntryKind>, Problem> {
    let expected = "a kind of entry, such as purchase, hold, charge or release";
    query.parsed("kind", expected, |raw| EntryKind::parse(raw).ok_or("unknown"))
}

fn time(query: &Query, name: &str) -> Result<Option<Timestamp>, Problem> {
    query.parsed(name, "a time in RFC 3339, such as 2026-11-01T00:00:00Z", Timestamp::parse)
}

fn unavailable(failure: Failure) -> Problem {
    platform::log::failure("a statement could not be read", &failure);
    Problem::unavailable()
}
