//! From the ledger's balance to the shape that the web application speaks.

use lambda_http::{Body, Request, Response, http::StatusCode};
use ledger::{Balance, FrozenReason, Ledger};
use platform::{Caller, ClaimNames, Problem, http};
use serde_json::json;

/// What the handler works with.
pub struct State {
    /// The ledger.
    pub ledger: Ledger,
    /// How the token's claims are called.
    pub claims: ClaimNames,
}

/// Answers one request.
pub async fn handle(state: &State, request: Request) -> Response<Body> {
    answer(state, &request).await.unwrap_or_else(Response::from)
}

async fn answer(state: &State, request: &Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(request, &state.claims)?;
    http::Query::of(request, &[])?;
    let balance = state.ledger.balance(&caller.organization).await.map_err(|failure| {
        platform::log::failure("a balance could not be read", &failure);
        Problem::unavailable()
    })?;
    let body = json!({
        "organizationId": caller.organization,
        "available": balance.available,
        "held": balance.held,
        "totalCreditsPurchased": balance.totals.purchased,
        "totalCreditsGranted": balance.totals.granted,
        "totalCreditsSpent": balance.totals.spent,
        "lastCreditPurchaseAt": balance.last_purchase_at,
        "nextExpiryAt": balance.next_expiry,
        "packages": pricing::packages(),
        "billingStatus": billing_status(&balance),
        "entries": balance.seq,
        "headHash": balance.head.to_string(),
    });
    Ok(http::json(StatusCode::OK, &body))
}

/// `active`, `past_due` while a subscription's invoice cannot be collected, `frozen` while a deficit or an
/// open dispute stands.
fn billing_status(balance: &Balance) -> &'static str {
    let frozen = balance.frozen.iter().any(|reason| match reason {
        FrozenReason::Deficit | FrozenReason::Dispute => true,
        FrozenReason::BillingPastDue => false,
    });
    match (frozen, balance.frozen.is_empty()) {
        (true, _) => "frozen",
        (false, false) => "past_due",
        (false, true) => "active",
    }
}
