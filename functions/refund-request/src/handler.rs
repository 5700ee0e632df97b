//! From HTTP to an owner's request for a refund and back.

use crate::refusals::problem;
use billing::{Billing, NewRefundRequest};
use lambda_http::{Body, Request, Response, http::StatusCode};
use money::Money;
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, http};
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use terms::OrderId;

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
    order_id: String,
    #[serde(default, deserialize_with = "http::present")]
    amount: Option<Box<RawValue>>,
    reason: String,
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    caller.require_owner()?;
    let key = http::idempotency_key(&request)?;
    let wire: Wire = http::json_body(&request)?;
    let order_id = OrderId::parse(&wire.order_id).map_err(|_| Problem::not_found())?;
    let amount = wire.amount.as_deref().map(|raw| Money::parse_json(raw.get())).transpose();
    let amount = amount.map_err(|why| Problem::bad_request("invalid_amount", format!("amount: {why}.")))?;
    let reason = http::reason(&wire.reason)?;
    let key = key.as_str().to_owned();
    let asked = NewRefundRequest { order_id, amount, reason, key, actor: caller.actor() };
    match state.billing.refund_requests.request(&caller.organization, &asked).await {
        Ok(Ok(asked)) => Ok(http::json(
            StatusCode::ACCEPTED,
            &json!({"refundId": asked.id, "orderId": asked.order_id, "amount": asked.amount, "status": asked.status}),
        )),
        Ok(Err(refusal)) => Err(problem(&refusal)),
        Err(failure) => Err(Problem::of_failure("a refund could not be asked for", &failure)),
    }
}
