//! From the schedule's turn to one run of recovery.

use billing::Billing;
use lambda_runtime::{Error, LambdaEvent};
use platform::{Deadline, Environment, Services, StartFailure};
use serde_json::Value;
use std::time::Duration;

/// What the handler works with.
pub struct State {
    billing: Billing,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self { billing: billing::connect(services, environment).await?.0 })
    }
}

/// With less time left than this nothing further is begun.
const TIME_LEFT_MIN: Duration = Duration::from_secs(20);

/// Handles one turn.
///
/// # Errors
/// When the cursor, the due index or Stripe's list cannot be read: the next turn begins where this one did.
pub async fn handle(state: &State, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let deadline = Deadline::of(&event.context);
    let recovered = state.billing.recovery.run(&move || deadline.has(TIME_LEFT_MIN)).await?;
    Ok(serde_json::to_value(recovered)?)
}
