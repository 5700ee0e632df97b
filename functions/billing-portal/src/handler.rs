//! From a click to the page of Stripe's that it leads to: a receipt, or the Customer Portal.

use billing::Billing;
use lambda_http::{
    Body, Request, Response,
    http::{Method, StatusCode},
};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http};
use serde_json::json;
use terms::OrderId;

/// What the handler works with.
pub struct State {
    billing: Billing,
    claims: ClaimNames,
    /// Where the console stands; else the origin of the request.
    app_url: Option<String>,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            billing: billing::connect(services, environment).await?.0,
            claims: ClaimNames::from_environment(environment),
            app_url: environment.option(name::APP_URL).map(str::to_owned),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    http::Query::of(&request, &[])?;
    let url = if request.method() == Method::POST {
        caller.require_owner()?;
        let app_url = state.app_url.clone().unwrap_or_else(|| http::origin(&request));
        state.billing.customers.portal_url(&caller.organization, &format!("{app_url}/settings")).await
    } else {
        let order: OrderId = http::path_id(&request, "id")?;
        state.billing.orders.receipt_url(&caller.organization, &order).await
    };
    match url {
        Ok(Some(url)) => Ok(http::json(StatusCode::OK, &json!({"url": url}))),
        Ok(None) => Err(Problem::not_found()),
        Err(failure) => Err(Problem::of_failure("a page of Stripe's could not be reached", &failure)),
    }
}
