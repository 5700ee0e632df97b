//! From a message to one look at an organization's auto top-up. A failure puts the message back: what is in
//! flight is gone on with, never begun twice.

use billing::{Billing, BillingFailure, TopUpMessage};
use platform::{Deadline, Environment, Services, StartFailure};
use std::time::Duration;
use terms::{Failing, Meaning};

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

/// What one look may take, in seconds: with less time left than this there is no further one.
const LOOK_SECONDS: u64 = 60;

/// Works one message. While Stripe asks to slow down it waits, as long as there is time: a message that comes again uses
/// up a receive.
///
/// # Errors
/// [`BillingFailure`]: the message comes again.
pub async fn handle(state: &State, message: TopUpMessage, deadline: Deadline) -> Result<(), BillingFailure> {
    loop {
        // Boxed: what a charge leads to is deep, and the runtime's future would hold all of it.
        let Err(failure) = Box::pin(state.billing.top_up.run(&message.organization_id)).await else {
            return Ok(());
        };
        let Meaning::Busy { retry_after_seconds: seconds } = failure.meaning() else { return Err(failure) };
        if !deadline.has(Duration::from_secs(seconds.saturating_add(LOOK_SECONDS))) {
            return Err(failure);
        }
        tracing::warn!(organization = %message.organization_id, seconds, "Stripe limits the rate of requests: auto top-up pauses");
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
}
