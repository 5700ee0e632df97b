//! Finance's list of Stripe facts in manual review, and its decision on one.

use billing::{Billing, ReviewDecision, ReviewReason, ReviewRefusal};
use lambda_http::{
    Body, Request, Response,
    http::{Method, StatusCode},
};
use money::Money;
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, audit, http};
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use terms::OrganizationId;

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
    object: String,
    quarantine: ReviewReason,
    #[serde(default, deserialize_with = "http::present")]
    grant: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "http::present")]
    organization_id: Option<String>,
    #[serde(default)]
    new_organization: bool,
    reason: String,
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    caller.require_finance()?;
    http::Query::of(&request, &[])?;
    if request.method() != Method::POST {
        let facts = state.billing.review.listed().await.map_err(|failure| unavailable(&failure))?;
        return Ok(http::json(StatusCode::OK, &json!({"facts": facts.rows, "more": facts.more})));
    }
    let wire: Wire = http::json_body(&request)?;
    if wire.grant.is_none() && (wire.organization_id.is_some() || wire.new_organization) {
        return Err(Problem::bad_request(
            "grant_missing",
            "organizationId and newOrganization are only for a grant. Send grant too, or leave both out to dismiss the fact.",
        ));
    }
    let grant = wire.grant.as_deref().map(|raw| Money::parse_json(raw.get())).transpose();
    let organization = wire.organization_id.as_deref().map(OrganizationId::parse).transpose();
    let resolve = ReviewDecision {
        object: wire.object.into(),
        review_reason: wire.quarantine,
        grant: grant.map_err(|why| Problem::bad_request("invalid_amount", format!("grant: {why}.")))?,
        organization: organization.map_err(|_| {
            Problem::bad_request(
                "invalid_organization",
                "organizationId is not an organization's id. Correct it.",
            )
        })?,
        new_organization: wire.new_organization,
        reason: http::reason(&wire.reason)?,
        actor: caller.actor(),
    };
    match state.billing.review.decide(&resolve).await {
        Ok(Ok(resolved)) => {
            let action = if resolve.grant.is_some() { "review-granted" } else { "review-dismissed" };
            audit::finance_action(&request, &caller, action, resolve.organization.as_ref(), &resolve.object);
            Ok(http::json(StatusCode::OK, &resolved))
        }
        Ok(Err(refusal)) => Err(problem(&refusal)),
        Err(failure) => Err(unavailable(&failure)),
    }
}

fn problem(refusal: &ReviewRefusal) -> Problem {
    let sentence = format!("Not resolved: {refusal}.");
    match refusal {
        ReviewRefusal::Unknown => Problem::not_found(),
        ReviewRefusal::Resolved => Problem::conflict("resolved_before", sentence),
        ReviewRefusal::NotGrantable => Problem::conflict("not_grantable", sentence),
        ReviewRefusal::Granted { .. } => Problem::conflict("granted_before", sentence),
        ReviewRefusal::OrganizationUnknown => Problem::conflict("organization_unknown", sentence),
        ReviewRefusal::Amount { paid } => Problem::bad_request("invalid_amount", sentence).with("paid", paid),
        ReviewRefusal::OrganizationNeeded => Problem::bad_request("organization_needed", sentence),
    }
}

fn unavailable(failure: &(dyn terms::Failing + 'static)) -> Problem {
    Problem::of_failure("manual reviews could not be read or resolved", failure)
}
