//! The correction that finance sends.

use billing::Adjustment;
use lambda_http::Request;
use money::Money;
use platform::{Caller, Problem, http};
use serde::Deserialize;
use serde_json::value::RawValue;
use terms::OrganizationId;

const ENDPOINT: &str = "POST /api/admin/credits/adjustments";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    organization_id: String,
    amount: Box<RawValue>,
    reason: String,
    #[serde(default)]
    new_organization: bool,
}

/// Reads the correction that a request asks for.
pub(crate) fn adjustment(caller: &Caller, request: &Request) -> Result<Adjustment, Problem> {
    let key = http::idempotency_key(request)?;
    let wire: Wire = http::json_body(request)?;
    let organization = OrganizationId::parse(&wire.organization_id).map_err(|_| Problem::not_found())?;
    let amount = Money::parse_json(wire.amount.get());
    Ok(Adjustment {
        fingerprint: http::fingerprint(&organization, ENDPOINT, request)?,
        amount: amount.map_err(|why| Problem::bad_request("invalid_amount", format!("amount: {why}.")))?,
        reason: http::reason(&wire.reason)?,
        key: key.as_str().to_owned(),
        actor: caller.actor(),
        new_organization: wire.new_organization,
        organization,
    })
}
