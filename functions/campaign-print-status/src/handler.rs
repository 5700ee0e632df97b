//! From HTTP to [`Printing::status`] and back.

use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, http};
use printing::Printing;
use recipients::Mode;
use terms::CampaignId;

/// What the handler works with.
pub struct State {
    printing: Printing,
    claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            printing: printing::connect(services, environment)?,
            claims: ClaimNames::from_environment(environment),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    let campaign: CampaignId = http::path_id(&request, "id")?;
    let query = http::Query::of(&request, &["environment"])?;
    let environment = query.parsed("environment", "live or test", Mode::parse)?;
    match state.printing.status(&caller.organization, &campaign, environment).await {
        Ok(Some(job)) => Ok(http::json(StatusCode::OK, &job)),
        Ok(None) => Err(Problem::not_found()),
        Err(failure) => Err(Problem::of_failure("a print job was not read", &failure)),
    }
}
