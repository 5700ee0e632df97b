//! From HTTP to the ledger's statement and back.

use crate::{file, range::Range};
use lambda_http::{Body, Request, Response, http::StatusCode};
use ledger::{EntryQuery, Failure, Ledger};
use platform::{
    Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http, http::Query, page,
};
use serde_json::{Value, json};

/// What the handler works with.
pub struct State {
    pub(crate) ledger: Ledger,
    pub(crate) claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        let (ledger, work) = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
        Ok(Self {
            ledger: Ledger::new(services.dynamodb(), ledger, work, services.clock()),
            claims: ClaimNames::from_environment(environment),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    if http::accepts_csv(&request) {
        let range = Range::of(&Query::of(&request, &["kind", "from", "to"])?)?;
        let mark = http::accepts_byte_order_mark(&request);
        return file::answer(state, &caller.organization, &range, mark).await;
    }
    let query = Query::of(&request, &["limit", "cursor", "kind", "from", "to"])?;
    let filter = ["kind", "from", "to"].map(|name| query.text(name).unwrap_or("")).join("|");
    let list = format!("transactions|{filter}");
    let Range { kind, from, to } = Range::of(&query)?;
    let wanted = EntryQuery {
        newest_first: true,
        limit: page::limit(&query)?,
        after_seq: page::decode(&caller.organization, &list, &query)?,
        kind,
        from,
        to,
    };
    let found = state.ledger.entries(&caller.organization, &wanted).await.map_err(unavailable)?;
    let items: Vec<Value> = found.items.iter().map(ledger::Entry::to_json).collect();
    let next = found.next.map(|seq| page::encode(&caller.organization, &list, &seq));
    Ok(http::json(StatusCode::OK, &json!({"items": items, "nextCursor": next})))
}

pub(crate) fn unavailable(failure: Failure) -> Problem {
    Problem::of_failure("a statement could not be read", &failure)
}
