//! From one message to [`Audience::fetch`].

use audience::{Audience, AudienceFailure, FetchMessage, Vendors};
use platform::{Deadline, Environment, Services, StartFailure};

/// What the handler works with.
pub struct State {
    audience: Audience,
    vendors: Vendors,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            audience: audience::connect(services, environment)?,
            vendors: audience::connect_vendors(services, environment).await?,
        })
    }
}

/// Works on one purchase.
///
/// # Errors
/// [`AudienceFailure`]: the message comes again.
pub async fn handle(state: &State, message: FetchMessage, deadline: Deadline) -> Result<(), AudienceFailure> {
    // Boxed: in place it nests deeper than the compiler lays out.
    Box::pin(state.audience.fetch(&state.vendors, &message, deadline)).await
}
