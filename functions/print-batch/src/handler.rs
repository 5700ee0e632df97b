//! From one message to [`Printing::work`].

use platform::Deadline;
use printing::{BatchMessage, Printing, PrintingFailure, Vendors};

/// What the handler works with.
pub struct State {
    /// Printing.
    pub printing: Printing,
    /// The vendor.
    pub vendors: Vendors,
}

/// Works on one batch.
///
/// # Errors
/// [`PrintingFailure`]: the message comes again.
pub async fn handle(state: &State, message: BatchMessage, deadline: Deadline) -> Result<(), PrintingFailure> {
    // Boxed: in place it nests deeper than the compiler lays out.
    Box::pin(state.printing.work(&state.vendors, &message, deadline)).await
}
