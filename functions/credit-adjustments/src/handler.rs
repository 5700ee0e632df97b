//! From finance's correction, or its CSV of opening balances, to billing and back.

use crate::{
    body::adjustment,
    opening::opening,
    refusals::{problem, unavailable},
};
use billing::adjust;
use lambda_http::{Body, Request, Response, http::StatusCode};
use ledger::{Ledger, Posted};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, audit, config::name, http};
use serde_json::json;
use tables::WorkTable;
use terms::Clock;

/// What the handler works with.
pub struct State {
    pub(crate) ledger: Ledger,
    pub(crate) work: WorkTable,
    pub(crate) claims: ClaimNames,
    pub(crate) clock: Clock,
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
    caller.require_finance()?;
    http::Query::of(&request, &[])?;
    if request.uri().path().ends_with("/opening-balances") {
        return opening(state, &caller, &request).await;
    }
    let adjustment = adjustment(&caller, &request)?;
    match adjust(&state.ledger, &state.work, &adjustment, state.clock.now()).await {
        Ok(Ok(posted)) => {
            let receipt = posted.receipt();
            let entry = format!("entry-{}", receipt.seq);
            audit::finance_action(&request, &caller, "adjustment", Some(&receipt.organization), &entry);
            Ok(adjusted(&posted))
        }
        Ok(Err(refusal)) => Err(problem(&refusal)),
        Err(failure) => Err(unavailable(&failure)),
    }
}

fn adjusted(posted: &Posted) -> Response<Body> {
    let receipt = posted.receipt();
    let body = json!({
        "organizationId": receipt.organization,
        "seq": receipt.seq,
        "amount": receipt.amount,
        "available": receipt.available_after,
    });
    let response = http::json(StatusCode::OK, &body);
    if posted.is_replay() { http::replayed(response) } else { response }
}
