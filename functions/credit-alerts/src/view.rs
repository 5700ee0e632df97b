//! What an owner sees: the levels that are watched, and the alerts so far.

use crate::handler::State;
use alerts::{Alert, alerts_of, settings_of};
use lambda_http::{Body, Response, http::StatusCode};
use platform::{Problem, http};
use serde_json::{Value, json};
use terms::OrganizationId;

/// Alerts shown at once.
const SHOWN_MAX: u32 = 100;

/// Both, as they are now.
pub(crate) async fn view(state: &State, organization: &OrganizationId) -> Result<Response<Body>, Problem> {
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

/// A failure of ours, logged.
pub(crate) fn unavailable(failure: &(dyn terms::Failing + 'static)) -> Problem {
    Problem::of_failure("alerts could not be read or set", failure)
}
