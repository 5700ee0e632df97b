//! From HTTP to [`billing::Facts::receive`] and back: 200 for all that is decided or waits for manual review, 400 for what is
//! not Stripe's, 503 or 500 for failures of ours, so that Stripe delivers again.

use billing::{Billing, StripeKeys, WebhookRefusal};
use lambda_http::{Body, Request, RequestExt, Response, http::StatusCode};
use platform::{CachedSecret, Deadline, Environment, Problem, Services, StartFailure, http};
use serde_json::json;
use std::time::Duration;
use terms::{Failing, Meaning};

/// With less time left than this a delivery is not decided once more.
const TIME_LEFT_MIN: Duration = Duration::from_secs(12);

/// What the handler works with.
pub struct State {
    billing: Billing,
    keys: CachedSecret<StripeKeys>,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        let (billing, keys) = billing::connect(services, environment).await?;
        Ok(Self { billing, keys })
    }
}

/// Answers one delivery.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let raw_body = http::body(&request)?;
    let signature = http::header(&request, "stripe-signature");
    let deadline = request.lambda_context_ref().map(Deadline::of);
    let go_on = move || deadline.is_none_or(|deadline| deadline.has(TIME_LEFT_MIN));
    match state.billing.facts.receive(raw_body, signature, &state.keys, &go_on).await {
        Ok(Ok(_)) => Ok(http::json(StatusCode::OK, &json!({"received": true}))),
        Ok(Err(refusal)) => Err(problem(refusal)),
        Err(failure) => {
            // Contention is counted by its rate, and a fault has an alarm of its own.
            if failure.meaning() == Meaning::TryAgain {
                tracing::error!(
                    alarm = "webhook-undecided",
                    "a delivery gets 503, so that Stripe repeats it"
                );
            }
            Err(Problem::of_failure("a webhook could not be decided", &failure))
        }
    }
}

fn problem(refusal: WebhookRefusal) -> Problem {
    match refusal {
        WebhookRefusal::Signature => Problem::bad_request(
            "invalid_signature",
            "The Stripe-Signature header is not a signature of this body with a current secret and time.",
        ),
        WebhookRefusal::NotAnEvent => Problem::bad_request(
            "not_an_event",
            "The body is not a snapshot event. Configure Stripe's endpoint for snapshot events.",
        ),
    }
}
