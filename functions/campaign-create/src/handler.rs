//! From HTTP to [`Printing::create`] and back.

use crate::body::Wire;
use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, http};
use printing::{CampaignOpened, CreateRefusal, NewCampaign, Opened, Printing, PrintingError, limits};
use serde_json::json;

const ENDPOINT: &str = "POST /api/campaigns";

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
    caller.require_owner()?;
    let key = http::optional_idempotency_key(&request)?;
    let wanted = http::json_body::<Wire>(&request)?.believed()?;
    let campaign = NewCampaign {
        name: wanted.name,
        recipient_list: wanted.recipient_list,
        pieces_max: wanted.pieces_max,
        size: wanted.size,
        artwork: wanted.artwork,
        key,
        fingerprint: http::fingerprint(&caller.organization, ENDPOINT, &request)?,
    };
    match state.printing.create(&caller.organization, &campaign).await {
        Ok(Opened::New(opened)) => Ok(created(&opened)),
        Ok(Opened::Replay(opened)) => Ok(http::replayed(created(&opened))),
        Err(PrintingError::Refused(refusal)) => Err(problem(refusal)),
        Err(PrintingError::Failed(failure)) => {
            Err(Problem::of_failure("a campaign was not created", &failure))
        }
    }
}

fn created(opened: &CampaignOpened) -> Response<Body> {
    let mut body = json!({ "campaignId": opened.campaign.campaign_id, "pieces": opened.campaign.pieces });
    if let (Some(upload), Some(fields)) = (&opened.upload, body.as_object_mut()) {
        fields.insert("upload".to_owned(), json!(upload));
    }
    http::json(StatusCode::CREATED, &body)
}

fn problem(refusal: CreateRefusal) -> Problem {
    match refusal {
        CreateRefusal::RecipientListMissing => Problem::not_found(),
        CreateRefusal::PiecesOutOfBounds(pieces) => Problem::conflict(
            "pieces_out_of_bounds",
            format!(
                "This recipient list has {pieces} recipients, and a campaign takes 1 to 100,000. Choose another list."
            ),
        ),
        CreateRefusal::KeyReused => Problem::idempotency_key_reused(),
        CreateRefusal::TooMany { retry_after_seconds } => Problem::too_many(
            "too_many_campaigns",
            format!(
                "Your organization created {} campaigns within an hour, the most allowed. Try again in {retry_after_seconds} s.",
                limits::CAMPAIGNS_OF_AN_ORGANIZATION.limit
            ),
            retry_after_seconds,
        ),
    }
}
