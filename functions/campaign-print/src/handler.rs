//! From HTTP to [`Printing::print`] and back.

use crate::refusals::problem;
use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http};
use printing::{PrintJob, PrintOrder, Printing, PrintingError, Started};
use recipients::Mode;
use serde::Deserialize;
use serde_json::json;
use terms::{CampaignId, Fingerprint};

/// What the handler works with.
pub struct State {
    printing: Printing,
    live_orders: bool,
    claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            printing: printing::connect(services, environment)?,
            live_orders: environment.parsed_or(name::LIVE_ORDERS, false)?,
            claims: ClaimNames::from_environment(environment),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(default)]
    environment: Mode,
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    caller.require_owner()?;
    let campaign: CampaignId = http::path_id(&request, "id")?;
    let key = http::idempotency_key(&request)?;
    let wire: Wire = http::json_body_or_default(&request)?;
    if wire.environment == Mode::Live && !state.live_orders {
        return Err(Problem::test_orders_only());
    }
    // No body and the default written out are the same request.
    let endpoint = format!("POST /api/campaigns/{campaign}/print");
    let said = [caller.organization.as_str(), &endpoint, wire.environment.as_str()];
    let fingerprint = Fingerprint::of(&said);
    let (environment, actor) = (wire.environment, caller.actor());
    let order = PrintOrder { campaign, environment, key, fingerprint, actor };
    match state.printing.print(&caller.organization, &order).await {
        Ok(Started::New(job)) => Ok(accepted(&job)),
        Ok(Started::Replay(job)) => Ok(http::replayed(accepted(&job))),
        Err(PrintingError::Refused(refusal)) => Err(problem(&refusal)),
        Err(PrintingError::Failed(failure)) => {
            Err(Problem::of_failure("a print job was not placed", &failure))
        }
    }
}

/// A campaign may have a live job and a test job; without a word the live one is shown.
fn progress_url(job: &PrintJob) -> String {
    let which = if job.placed.environment == Mode::Test { "?environment=test" } else { "" };
    format!("/api/campaigns/{}/print{which}", job.placed.campaign_id)
}

/// Says only what never changes of a job, so that a replay answers the first body.
fn accepted(job: &PrintJob) -> Response<Body> {
    let body = json!({
        "printJobId": job.placed.print_job_id,
        "status": "queued",
        "pieces": job.placed.pieces,
        "held": job.placed.held,
        "environment": job.placed.environment,
        "progressUrl": progress_url(job),
    });
    http::json(StatusCode::ACCEPTED, &body)
}
