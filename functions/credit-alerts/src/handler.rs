//! From HTTP to the alerts of an owner, and to the balances at which an alert is sent.

use crate::view::{unavailable, view};
use alerts::AlertSettings;
use billing::set_alert_levels;
use lambda_http::{Body, Request, Response, http::Method};
use ledger::Ledger;
use money::Money;
use platform::{Caller, ClaimNames, Environment, Problem, Services, StartFailure, config::name, http};
use serde::Deserialize;
use serde_json::value::RawValue;
use tables::WorkTable;
use terms::Clock;

/// What the handler works with.
pub struct State {
    ledger: Ledger,
    pub(crate) work: WorkTable,
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
