//! From HTTP to [`billing::receive_webhook`] and back: 200 for all that is decided or kept, 400 for what is
//! not Stripe's, 503 for failures of ours, so that Stripe delivers again.

use billing::{Billing, StripeKeys, WebhookRefusal, receive_webhook};
use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{CachedSecret, Problem, http};
use serde_json::json;

/// What the handler works with.
pub struct State {
    /// Billing.
    pub billing: Billing,
    /// The secret with the endpoint's signing secrets: two while one is rolled.
    pub keys: CachedSecret<StripeKeys>,
}

/// Answers one delivery.
pub async fn handle(state: &State, request: Request) -> Response<Body> {
    answer(state, &request).await.unwrap_or_else(Response::from)
}

async fn answer(state: &State, request: &Request) -> Result<Response<Body>, Problem> {
    let raw_body = http::body(request)?;
    let signature = http::header(request, "stripe-signature");
    match receive_webhook(&state.billing, raw_body, signature, &state.keys).await {
        Ok(Ok(_)) => Ok(http::json(StatusCode::OK, &json!({"received": true}))),
        Ok(Err(refusal)) => Err(problem(refusal)),
        Err(failure) => {
            platform::log::failure("a webhook could not be decided", &failure);
            Err(Problem::unavailable())
        }
    }
}

fn problem(refusal: WebhookRefusal) -> Problem {
    match refusal {
        WebhookRefusal::Signature => Problem::bad_request(
            "invalid_signature",
            "The Stripe-Signature header does not sign this body with a current secret and time.",
        ),
        WebhookRefusal::NotAnEvent => {
            Problem::bad_request("not_an_event", "This endpoint takes Stripe's snapshot events only.")
        }
    }
}
