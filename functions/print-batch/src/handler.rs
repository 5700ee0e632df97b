//! From one message to [`Printing::work`].

use platform::{Deadline, Environment, Services, StartFailure};
use printing::{BatchMessage, Printing, PrintingFailure, Vendors};

/// What the handler works with.
pub struct State {
    printing: Printing,
    vendors: Vendors,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            printing: printing::connect(services, environment)?,
            vendors: printing::connect_vendors(services, environment).await?,
        })
    }
}

/// Works on one batch.
///
/// # Errors
/// [`PrintingFailure`]: the message comes again.
pub async fn handle(state: &State, message: BatchMessage, deadline: Deadline) -> Result<(), PrintingFailure> {
    // Boxed: in place it nests deeper than the compiler lays out.
    Box::pin(state.printing.work(&state.vendors, &message, deadline)).await
}
