//! What a request orders, checked.

use audience::{AudienceName, Filters, MaxContacts, PurchaseOrder};
use lambda_http::Request;
use platform::{Caller, Problem, http};
use recipients::Mode;
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Display;
use terms::QuoteId;

const ENDPOINT: &str = "POST /api/audience/purchase";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    filters: Value,
    max_contacts: i64,
    audience_name: String,
    #[serde(default, deserialize_with = "http::present")]
    quote_id: Option<QuoteId>,
    #[serde(default)]
    environment: Mode,
}

/// The caller's order, or the problem with its header or body.
pub(crate) fn order(request: &Request, caller: &Caller) -> Result<PurchaseOrder, Problem> {
    let key = http::idempotency_key(request)?;
    let wire: Wire = http::json_body(request)?;
    Ok(PurchaseOrder {
        filters: Filters::parse(wire.filters).map_err(|refused| invalid("invalid_filters", &refused))?,
        max_contacts: MaxContacts::parse(wire.max_contacts)
            .map_err(|refused| invalid("invalid_max_contacts", &refused))?,
        audience_name: AudienceName::parse(&wire.audience_name)
            .map_err(|refused| invalid("invalid_audience_name", &format!("audienceName {refused}")))?,
        quote: wire.quote_id,
        environment: wire.environment,
        key,
        fingerprint: http::fingerprint(&caller.organization, ENDPOINT, request)?,
        actor: caller.actor(),
    })
}

fn invalid(code: &'static str, refused: &dyn Display) -> Problem {
    Problem::bad_request(code, format!("The request is not valid: {refused}."))
}
