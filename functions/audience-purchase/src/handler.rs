//! From HTTP to [`Sales::purchase`] and back.

use crate::{order::order, refusals::problem};
use audience::{AudienceError, Placed, Purchase, Sales, Vendors};
use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, Environment, Problem, Queue, Services, StartFailure, config::name, http};
use recipients::Mode;
use serde_json::json;

/// What the handler works with.
pub struct State {
    sales: Sales,
    vendors: Vendors,
    queue: Queue,
    live_orders: bool,
    claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            sales: audience::connect_sales(services, environment)?,
            vendors: audience::connect_vendors(services, environment).await?,
            queue: Queue::new(services.sqs(), environment.text(name::FETCH_QUEUE_URL)?),
            live_orders: environment.parsed_or(name::LIVE_ORDERS, false)?,
            claims: ClaimNames::from_environment(environment),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    caller.require_owner()?;
    let order = order(&request, &caller)?;
    if order.environment == Mode::Live && !state.live_orders {
        return Err(Problem::test_orders_only());
    }
    match state.sales.purchase(&caller.organization, &state.vendors, &state.queue, &order).await {
        Ok(Placed::New(purchase)) => Ok(accepted(&purchase)),
        Ok(Placed::Replay(purchase)) => Ok(http::replayed(accepted(&purchase))),
        Err(AudienceError::Refused(refusal)) => Err(problem(&refusal)),
        Err(AudienceError::Failed(failure)) if failure.is_filters_refused() => {
            platform::log::failure("the vendor refuses filters that we take", &failure);
            Err(Problem::bad_request(
                "filters_refused",
                "The data vendor refuses these filters. Change one of them.",
            ))
        }
        Err(AudienceError::Failed(failure)) => {
            Err(Problem::of_failure("a purchase of contacts was not placed", &failure))
        }
    }
}

/// Says only what never changes of a purchase, so that a replay answers the first body.
fn accepted(purchase: &Purchase) -> Response<Body> {
    let body = json!({
        "purchaseId": purchase.placed.purchase_id,
        "status": "queued",
        "requested": purchase.placed.requested,
        "held": purchase.placed.held,
        "environment": purchase.placed.environment,
        "progressUrl": format!("/api/audience/purchases/{}", purchase.placed.purchase_id),
    });
    http::json(StatusCode::ACCEPTED, &body)
}
