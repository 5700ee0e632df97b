//! From HTTP to [`Sales::count`] and back.

use audience::{Asker, AudienceError, CountRefusal, Filters, MaxContacts, Sales, Vendors};
use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, http};
use serde::Deserialize;
use serde_json::Value;

/// What the handler works with.
pub struct State {
    sales: Sales,
    vendors: Vendors,
    claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            sales: audience::connect_sales(services, environment)?,
            vendors: audience::connect_vendors(services, environment).await?,
            claims: ClaimNames::from_environment(environment),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    filters: Value,
    max_contacts: i64,
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    let wire: Wire = http::json_body(&request)?;
    let filters = Filters::parse(wire.filters).map_err(|refused| {
        Problem::bad_request("invalid_filters", format!("The filters are not valid: {refused}."))
    })?;
    let max_contacts = MaxContacts::parse(wire.max_contacts)
        .map_err(|refused| Problem::bad_request("invalid_max_contacts", format!("{refused}.")))?;
    let asker = Asker { organization: &caller.organization, user: &caller.subject };
    match state.sales.count(asker, &state.vendors, &filters, max_contacts).await {
        Err(AudienceError::Refused(refusal)) => Err(problem(refusal)),
        Ok(count) => Ok(http::json(StatusCode::OK, &count)),
        Err(AudienceError::Failed(failure)) if failure.is_filters_refused() => {
            platform::log::failure("the vendor refuses filters that we take", &failure);
            Err(Problem::bad_request(
                "filters_refused",
                "The data vendor refuses these filters. Change one of them.",
            ))
        }
        Err(AudienceError::Failed(failure)) => {
            Err(Problem::of_failure("contacts could not be counted", &failure))
        }
    }
}

fn problem(refusal: CountRefusal) -> Problem {
    match refusal {
        CountRefusal::TooMany { retry_after_seconds } => Problem::too_many(
            "too_many_counts",
            format!("You or your organization counted too often. Count again in {retry_after_seconds} s."),
            retry_after_seconds,
        ),
        CountRefusal::VendorBusy { retry_after_seconds } => Problem::vendor_busy(retry_after_seconds),
    }
}
