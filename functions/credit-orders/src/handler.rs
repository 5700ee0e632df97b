//! From the caller's organization to what it bought: orders, invoices, refunds.

use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http};
use tables::WorkTable;
use terms::Clock;

/// What the handler works with.
pub struct State {
    work: WorkTable,
    claims: ClaimNames,
    clock: Clock,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            work: WorkTable::new(services.dynamodb(), environment.text(name::WORK_TABLE)?),
            claims: ClaimNames::from_environment(environment),
            clock: services.clock(),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    http::Query::of(&request, &[])?;
    let bought = billing::bought(&state.work, &caller.organization, state.clock.now()).await;
    let bought = bought.map_err(|failure| Problem::of_failure("orders could not be read", &failure))?;
    Ok(http::json(StatusCode::OK, &bought))
}
