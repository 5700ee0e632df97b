//! From the caller's organization to what it bought: orders, invoices, refunds.

use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, Problem, http};
use tables::WorkTable;
use terms::Clock;

/// What the handler works with.
pub struct State {
    /// The business records.
    pub work: WorkTable,
    /// How the token's claims are called.
    pub claims: ClaimNames,
    /// The present time.
    pub clock: Clock,
}

/// Answers one request.
pub async fn handle(state: &State, request: Request) -> Response<Body> {
    answer(state, &request).await.unwrap_or_else(Response::from)
}

async fn answer(state: &State, request: &Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(request, &state.claims)?;
    http::Query::of(request, &[])?;
    let bought = billing::bought(&state.work, &caller.organization, state.clock.now()).await;
    let bought = bought.map_err(|failure| Problem::of_failure("orders could not be read", &failure))?;
    Ok(http::json(StatusCode::OK, &bought))
}
