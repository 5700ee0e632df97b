//! From HTTP to the settings of auto top-up and back.

use crate::body::{Wire, problem};
use billing::{AutoTopUp, TopUpView, set_auto_top_up};
use lambda_http::{
    Body, Request, Response,
    http::{Method, StatusCode},
};
use ledger::Ledger;
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http};
use tables::WorkTable;
use terms::Clock;

/// What the handler works with.
pub struct State {
    ledger: Ledger,
    work: WorkTable,
    claims: ClaimNames,
    clock: Clock,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        let (ledger, work) = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
        Ok(Self {
            ledger: Ledger::new(services.dynamodb(), ledger, &work, services.clock()),
            work: WorkTable::new(services.dynamodb(), work),
            claims: ClaimNames::from_environment(environment),
            clock: services.clock(),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    http::Query::of(&request, &[])?;
    let now = state.clock.now();
    if request.method() != Method::PUT {
        let key = AutoTopUp::key_of(&caller.organization);
        let known = state.work.get::<AutoTopUp>(&key).await.map_err(|failure| unavailable(&failure))?;
        let view = TopUpView::of(known.as_ref().map(|stored| &stored.record), now);
        return Ok(http::json(StatusCode::OK, &view));
    }
    caller.require_owner()?;
    let settings = http::json_body::<Wire>(&request)?.settings()?;
    let (actor, origin) = (caller.actor(), http::origin(&request));
    let by = (&actor, origin.as_str());
    let set = set_auto_top_up(&state.ledger, &state.work, &caller.organization, settings, by, now).await;
    match set.map_err(|failure| unavailable(&failure))? {
        Ok(record) => Ok(http::json(StatusCode::OK, &TopUpView::of(Some(&record), now))),
        Err(refused) => Err(problem(refused)),
    }
}

fn unavailable(failure: &(dyn terms::Failing + 'static)) -> Problem {
    Problem::of_failure("auto top-up could not be read or set", failure)
}
