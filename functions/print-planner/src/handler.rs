//! From one message to [`Printing::plan`].

use platform::Deadline;
use printing::{PlanMessage, Printing, PrintingFailure};

/// Plans one job.
///
/// # Errors
/// [`PrintingFailure`]: the message comes again.
pub async fn handle(printing: &Printing, message: PlanMessage, _: Deadline) -> Result<(), PrintingFailure> {
    printing.plan(&message).await
}
