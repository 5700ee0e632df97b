//! From one message to [`Printing::plan`].

use platform::{Deadline, Environment, Services, StartFailure};
use printing::{PlanMessage, Printing, PrintingFailure};

/// What the handler works with.
pub struct State {
    printing: Printing,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self { printing: printing::connect(services, environment)? })
    }
}

/// Plans one job.
///
/// # Errors
/// [`PrintingFailure`]: the message comes again.
pub async fn handle(state: &State, message: PlanMessage, _: Deadline) -> Result<(), PrintingFailure> {
    // Boxed: in place it nests deeper than the compiler lays out.
    Box::pin(state.printing.plan(&message)).await
}
