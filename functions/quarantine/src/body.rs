//! The decision that finance sends.

use billing::{ReviewDecision, ReviewReason};
use lambda_http::Request;
use money::Money;
use platform::{Caller, Problem, http};
use serde::Deserialize;
use serde_json::value::RawValue;
use terms::OrganizationId;

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

/// Reads the decision of a request.
pub(crate) fn decision(caller: &Caller, request: &Request) -> Result<ReviewDecision, Problem> {
    let wire: Wire = http::json_body(request)?;
    if wire.grant.is_none() && (wire.organization_id.is_some() || wire.new_organization) {
        return Err(Problem::bad_request(
            "grant_missing",
            "organizationId and newOrganization are only for a grant. Send grant too, or leave both out to dismiss the fact.",
        ));
    }
    let grant = wire.grant.as_deref().map(|raw| Money::parse_json(raw.get())).transpose();
    let organization = wire.organization_id.as_deref().map(OrganizationId::parse).transpose();
    Ok(ReviewDecision {
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
    })
}
