//! Batches that their queue gave up.

use crate::handler::State;
use printing::{BatchMessage, PrintingFailure};
use serde_json::Value;

/// Marks the batch of one message dead. A message that names no batch is logged and done with: nothing
/// would ever mend it.
///
/// # Errors
/// [`PrintingFailure`]: the message comes again.
pub async fn bury(state: &State, message: Value) -> Result<(), PrintingFailure> {
    match serde_json::from_value::<BatchMessage>(message) {
        Ok(message) => Box::pin(state.printing.bury(&message)).await,
        Err(_) => {
            tracing::error!("a dead letter names no batch");
            Ok(())
        }
    }
}
