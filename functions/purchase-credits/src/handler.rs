//! From HTTP to [`billing::Orders::purchase`] and back.

use crate::refusals::problem;
use billing::{Billing, CheckoutPage, PurchaseRequest};
use lambda_http::{Body, Request, Response, http::StatusCode};
use money::Money;
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

const ENDPOINT: &str = "POST /api/stripe/purchase-credits";

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    amount: Box<RawValue>,
    /// Whether the card is saved at Stripe, for auto top-up.
    #[serde(default)]
    save_card: bool,
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    caller.require_owner()?;
    let wire: Wire = http::json_body(&request)?;
    let key = http::optional_idempotency_key(&request)?;
    let app_url = state.app_url.clone().unwrap_or_else(|| http::origin(&request));
    let purchase = PurchaseRequest {
        amount: Money::parse_json(wire.amount.get()),
        key: key.map_or_else(terms::unique, |key| key.as_str().to_owned()),
        fingerprint: http::fingerprint(&caller.organization, ENDPOINT, &request)?,
        actor: caller.actor(),
        save_card: wire.save_card,
        app_url,
    };
    match state.billing.orders.purchase(&caller.organization, &purchase).await {
        Ok(Ok(answer)) => Ok(page(&answer)),
        Ok(Err(refusal)) => Err(problem(&refusal)),
        Err(failure) => Err(Problem::of_failure("an order of credits failed", &failure)),
    }
}

fn page(answer: &CheckoutPage) -> Response<Body> {
    let body = json!({
        "success": true,
        "sessionId": answer.session_id,
        "url": answer.url,
        "orderId": answer.order_id,
    });
    let response = http::json(StatusCode::OK, &body);
    if answer.replayed { http::replayed(response) } else { response }
}
