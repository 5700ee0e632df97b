//! From finance's list of refund requests, and its word on one of them, to billing and back.

use crate::{refusals::problem, view::shown};
use billing::{Billing, NewRefundDecision};
use lambda_http::{
    Body, Request, Response,
    http::{Method, StatusCode},
};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, audit, http};
use serde::Deserialize;
use serde_json::{Value, json};
use terms::{OrganizationId, RefundRequestId};

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    organization_id: String,
    approve: bool,
    reason: String,
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    caller.require_finance()?;
    http::Query::of(&request, &[])?;
    if request.method() != Method::POST {
        let requests =
            state.billing.refund_requests.listed().await.map_err(|failure| unavailable(&failure))?;
        let shown: Vec<Value> = requests.rows.iter().map(shown).collect();
        return Ok(http::json(StatusCode::OK, &json!({"requests": shown, "more": requests.more})));
    }
    let id: RefundRequestId = http::path_id(&request, "id")?;
    let wire: Wire = http::json_body(&request)?;
    let organization = OrganizationId::parse(&wire.organization_id).map_err(|_| Problem::not_found())?;
    let reason = http::reason(&wire.reason)?;
    let decision = NewRefundDecision { approved: wire.approve, reason, actor: caller.actor() };
    match state.billing.refund_requests.decide(&organization, &id, decision).await {
        Ok(Ok(decided)) => {
            let action = if wire.approve { "refund-approved" } else { "refund-declined" };
            audit::finance_action(&request, &caller, action, Some(&organization), &id);
            Ok(http::json(StatusCode::OK, &shown(&decided)))
        }
        Ok(Err(refusal)) => Err(problem(&refusal)),
        Err(failure) => Err(unavailable(&failure)),
    }
}

fn unavailable(failure: &(dyn terms::Failing + 'static)) -> Problem {
    Problem::of_failure("a refund could not be listed or decided", failure)
}
