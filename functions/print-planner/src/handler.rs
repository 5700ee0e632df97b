//! From one message to [`Printing::plan`].

use platform::Deadline;
use printing::{PlanMessage, Printing, PrintingFailure};

/// Plans one job.
///
/// # Errors
/// [`PrintingFailure`]: the message comes again.
pub async fn handle(printing: &Printing, message: PlanMessage, _: Deadline) -> Result<(), PrintingFailure> {
    // Boxed: in place it nests deeper than the compiler lays out.
    Box::pin(printing.plan(&message)).await
}
