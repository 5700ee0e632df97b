//! From the query `months` to the vendor costs of the newest months.

use costs::{Costs, MonthCount, vendor_costs};
use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, Problem, http};

/// What the handler works with.
pub struct State {
    /// What reads costs.
    pub costs: Costs,
    /// How the token's claims are called.
    pub claims: ClaimNames,
}

/// Answers one request.
pub async fn handle(state: &State, request: Request) -> Response<Body> {
    answer(state, &request).await.unwrap_or_else(Response::from)
}

async fn answer(state: &State, request: &Request) -> Result<Response<Body>, Problem> {
    Caller::of(request, &state.claims)?.require_finance()?;
    let query = http::Query::of(request, &["months"])?;
    let months =
        query.parsed("months", "a whole number from 1 to 24", MonthCount::parse)?.unwrap_or_default();
    let answer = vendor_costs(&state.costs, months)
        .await
        .map_err(|failure| Problem::of_failure("vendor costs could not be read", &failure))?;
    Ok(http::json(StatusCode::OK, &answer))
}
