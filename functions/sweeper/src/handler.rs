//! From an event, the schedule's or the dead-letter queue's, to the flows that it concerns.

use crate::{dead, due};
use alerts::Topic;
use audience::Audience;
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent};
use ledger::Ledger;
use platform::{Deadline, Queue, queue};
use printing::Printing;
use serde_json::Value;
use tables::WorkTable;
use terms::Clock;

/// What the handler works with.
pub struct State {
    /// Accounts and notes of crossings.
    pub ledger: Ledger,
    /// Where owners' alerts are published.
    pub alerts: Topic,
    /// The queue of auto top-up.
    pub top_up_queue: Queue,
    /// Where due records are found.
    pub table: WorkTable,
    /// Purchases of contacts.
    pub audience: Audience,
    /// Print jobs and their batches.
    pub printing: Printing,
    /// The present time.
    pub clock: Clock,
}

/// Handles one event: messages of the dead-letter queue if it carries any, else a turn of the schedule.
///
/// # Errors
/// When the due index cannot be read, or the event is not one of the two.
pub async fn handle(state: &State, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let deadline = Deadline::of(&event.context);
    if event.payload.get("Records").is_some() {
        let batch: SqsEvent = serde_json::from_value(event.payload)?;
        let bury = |message: Value, _: Deadline| dead::bury(state, message);
        return Ok(serde_json::to_value(queue::run_batch(batch, deadline, &bury).await)?);
    }
    Ok(serde_json::to_value(due::sweep(state, deadline).await?)?)
}
