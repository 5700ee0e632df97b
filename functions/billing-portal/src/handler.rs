//! From a click to the page of Stripe's that it leads to: a receipt, or the Customer Portal.

use billing::Billing;
use lambda_http::{
    Body, Request, Response,
    http::{Method, StatusCode},
};
use platform::{Caller, ClaimNames, Problem, http};
use serde_json::json;
use terms::OrderId;

/// What the handler works with.
pub struct State {
    /// Billing.
    pub billing: Billing,
    /// How the token's claims are called.
    pub claims: ClaimNames,
    /// Where the console stands; empty: the origin of the request.
    pub app_url: String,
}

/// Answers one request.
pub async fn handle(state: &State, request: Request) -> Response<Body> {
    answer(state, &request).await.unwrap_or_else(Response::from)
}

async fn answer(state: &State, request: &Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(request, &state.claims)?;
    http::Query::of(request, &[])?;
    let url = if request.method() == Method::POST {
        caller.require_owner()?;
        let app_url = if state.app_url.is_empty() { http::origin(request) } else { state.app_url.clone() };
        state.billing.customers.portal_url(&caller.organization, &format!("{app_url}/settings")).await
    } else {
        let order: OrderId = http::path_id(request, "id")?;
        state.billing.orders.receipt_url(&caller.organization, &order).await
    };
    match url {
        Ok(Some(url)) => Ok(http::json(StatusCode::OK, &json!({"url": url}))),
        Ok(None) => Err(Problem::not_found()),
        Err(failure) => Err(Problem::of_failure("a page of Stripe's could not be reached", &failure)),
    }
}
