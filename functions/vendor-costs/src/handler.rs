//! From the query `months` to the vendor costs of the newest months.

use costs::{Costs, MonthCount, vendor_costs};
use lambda_http::{Body, Request, Response, http::StatusCode};
use ledger::Ledger;
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http};

/// What the handler works with.
pub struct State {
    costs: Costs,
    claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        let (ledger, work) = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
        let ledger = Ledger::new(services.dynamodb(), ledger, work, services.clock());
        Ok(Self {
            costs: Costs::new(ledger, services.clock()),
            claims: ClaimNames::from_environment(environment),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    Caller::of(&request, &state.claims)?.require_finance()?;
    let query = http::Query::of(&request, &["months"])?;
    let months =
        query.parsed("months", "a whole number from 1 to 24", MonthCount::parse)?.unwrap_or_default();
    let answer = vendor_costs(&state.costs, months)
        .await
        .map_err(|failure| Problem::of_failure("vendor costs could not be read", &failure))?;
    Ok(http::json(StatusCode::OK, &answer))
}
