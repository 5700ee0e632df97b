//! From an event, the schedule's or the dead-letter queue's, to the flows that it concerns.

use crate::{dead, due};
use alerts::Topic;
use audience::Audience;
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent};
use ledger::Ledger;
use platform::{Deadline, Environment, Queue, Services, StartFailure, config::name, queue};
use printing::Printing;
use serde_json::Value;
use tables::WorkTable;
use terms::Clock;

/// What the handler works with.
pub struct State {
    pub(crate) ledger: Ledger,
    pub(crate) alerts: Topic,
    pub(crate) top_up_queue: Queue,
    pub(crate) table: WorkTable,
    pub(crate) audience: Audience,
    pub(crate) printing: Printing,
    pub(crate) clock: Clock,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        let (ledger, work) = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
        Ok(Self {
            ledger: Ledger::new(services.dynamodb(), ledger, &work, services.clock()),
            alerts: Topic::new(services.sns(), environment.text(name::ALERTS_TOPIC)?),
            top_up_queue: Queue::new(services.sqs(), environment.text(name::TOP_UP_QUEUE_URL)?),
            table: WorkTable::new(services.dynamodb(), work),
            audience: audience::connect(services, environment)?,
            printing: printing::connect(services, environment)?,
            clock: services.clock(),
        })
    }
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
