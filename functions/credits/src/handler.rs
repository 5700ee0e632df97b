//! From the ledger's balance, now or at a past time, to the shape that the web application speaks.

use crate::status::billing_status;
use lambda_http::{Body, Request, Response, http::StatusCode};
use ledger::{Failure, Ledger};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http};
use serde_json::json;
use terms::Timestamp;

/// What the handler works with.
pub struct State {
    ledger: Ledger,
    claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        let (ledger, work) = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
        Ok(Self {
            ledger: Ledger::new(services.dynamodb(), ledger, work, services.clock()),
            claims: ClaimNames::from_environment(environment),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    let query = http::Query::of(&request, &["at"])?;
    let time = "a time in RFC 3339, such as 2026-11-01T00:00:00Z";
    if let Some(at) = query.parsed("at", time, Timestamp::parse)? {
        return past(state, &caller, at).await;
    }
    let balance = state.ledger.balance(&caller.organization).await.map_err(unavailable)?;
    let body = json!({
        "organizationId": caller.organization,
        "available": balance.available,
        "held": balance.held,
        "totalCreditsPurchased": balance.totals.purchased,
        "totalCreditsGranted": balance.totals.granted,
        "totalCreditsCorrected": balance.totals.corrected,
        "totalCreditsSpent": balance.totals.spent,
        "lastCreditPurchaseAt": balance.last_purchase_at,
        "nextExpiryAt": balance.next_expiry,
        "packages": pricing::packages(),
        "billingStatus": billing_status(&balance),
        "frozenBy": balance.frozen,
        "entries": balance.seq,
        "headHash": balance.head.to_string(),
    });
    Ok(http::json(StatusCode::OK, &body))
}

/// What the entries that were recorded until then say.
async fn past(state: &State, caller: &Caller, at: Timestamp) -> Result<Response<Body>, Problem> {
    let stood = state.ledger.balance_at(&caller.organization, at).await.map_err(unavailable)?;
    let detail = "The query parameter at names a time that has not come. Leave it out for the balance now.";
    let stood = stood.ok_or_else(|| Problem::bad_request("invalid_parameter", detail))?;
    let body = json!({
        "organizationId": caller.organization,
        "at": at,
        "available": stood.available,
        "held": stood.held,
        "entries": stood.seq,
        "headHash": stood.head.to_string(),
    });
    Ok(http::json(StatusCode::OK, &body))
}

fn unavailable(failure: Failure) -> Problem {
    Problem::of_failure("a balance could not be read", &failure)
}
