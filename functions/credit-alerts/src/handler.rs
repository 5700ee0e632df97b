//! From HTTP to the alerts of an owner, and to the balances at which an alert is sent.

use alerts::{Alert, AlertSettings, alerts_of, settings_of};
use billing::set_alert_levels;
use lambda_http::{
    Body, Request, Response,
    http::{Method, StatusCode},
};
use ledger::Ledger;
use money::Money;
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tables::WorkTable;
use terms::{Clock, OrganizationId};

/// Alerts shown at once.
const SHOWN_MAX: u32 = 100;

/// What the handler works with.
pub struct State {
    ledger: Ledger,
    work: WorkTable,
    claims: ClaimNames,
    clock: Clock,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        let (ledger, work) = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
        Ok(Self {
            ledger: Ledger::new(services.dynamodb(), ledger, &work, services.clock()),
            work: WorkTable::new(services.dynamodb(), work),
            claims: ClaimNames::from_environment(environment),
            clock: services.clock(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    levels: Vec<Box<RawValue>>,
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    http::Query::of(&request, &[])?;
    if request.method() == Method::PUT {
        caller.require_owner()?;
        let wire: Wire = http::json_body(&request)?;
        let levels: Result<Vec<Money>, _> =
            wire.levels.iter().map(|raw| Money::parse_json(raw.get())).collect();
        let levels =
            levels.map_err(|why| Problem::bad_request("invalid_amount", format!("levels: {why}.")))?;
        let settings = AlertSettings::new(caller.organization.clone(), &levels, state.clock.now());
        let settings = settings.map_err(|refused| {
            Problem::bad_request(
                "levels_out_of_bounds",
                format!("Not saved: {refused}. Change the levels and save again."),
            )
        })?;
        let set = set_alert_levels(&state.ledger, &state.work, &settings).await;
        set.map_err(|failure| unavailable(&failure))?;
    }
    view(state, &caller.organization).await
}

async fn view(state: &State, organization: &OrganizationId) -> Result<Response<Body>, Problem> {
    let levels = settings_of(&state.work, organization).await.map_err(|failure| unavailable(&failure))?;
    let levels = levels.map(|stored| stored.record.levels).unwrap_or_default();
    let alerts = alerts_of(&state.work, organization, SHOWN_MAX).await;
    let alerts = alerts.map_err(|failure| unavailable(&failure))?;
    let alerts: Vec<Value> = alerts.iter().map(shown).collect();
    Ok(http::json(StatusCode::OK, &json!({"levels": levels, "alerts": alerts})))
}

fn shown(alert: &Alert) -> Value {
    json!({
        "title": alert.title(),
        "text": alert.text(),
        "raisedAt": alert.raised_at,
        "sentAt": alert.sent_at,
        "told": alert.kind,
    })
}

fn unavailable(failure: &(dyn terms::Failing + 'static)) -> Problem {
    Problem::of_failure("alerts could not be read or set", failure)
}
