//! Finance's list of Stripe facts in manual review, and its decision on one.

use crate::{body::decision, refusals::problem};
use billing::Billing;
use lambda_http::{
    Body, Request, Response,
    http::{Method, StatusCode},
};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, audit, http};
use serde_json::json;

/// What the handler works with.
pub struct State {
    billing: Billing,
    claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            billing: billing::connect(services, environment).await?.0,
            claims: ClaimNames::from_environment(environment),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    caller.require_finance()?;
    http::Query::of(&request, &[])?;
    if request.method() != Method::POST {
        let facts = state.billing.review.listed().await.map_err(|failure| unavailable(&failure))?;
        return Ok(http::json(StatusCode::OK, &json!({"facts": facts.rows, "more": facts.more})));
    }
    let resolve = decision(&caller, &request)?;
    match state.billing.review.decide(&resolve).await {
        Ok(Ok(resolved)) => {
            let action = if resolve.grant.is_some() { "review-granted" } else { "review-dismissed" };
            audit::finance_action(&request, &caller, action, resolve.organization.as_ref(), &resolve.object);
            Ok(http::json(StatusCode::OK, &resolved))
        }
        Ok(Err(refusal)) => Err(problem(&refusal)),
        Err(failure) => Err(unavailable(&failure)),
    }
}

fn unavailable(failure: &(dyn terms::Failing + 'static)) -> Problem {
    Problem::of_failure("manual reviews could not be read or resolved", failure)
}
