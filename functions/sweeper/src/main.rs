//! Wires the function: configuration, clients, handler.

use alerts::Topic;
use lambda_runtime::{LambdaEvent, service_fn};
use ledger::Ledger;
use platform::{Environment, Queue, config::name};
use serde_json::Value;
use sweeper::handler::{State, handle};
use tables::WorkTable;
use terms::Clock;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = platform::start().await?;
    let settings = Environment::of_process();
    let (ledger_table, work_table) = (settings.text(name::LEDGER_TABLE)?, settings.text(name::WORK_TABLE)?);
    let state = State {
        ledger: Ledger::new(aws.dynamodb(), ledger_table, work_table.clone(), Clock::system()),
        alerts: Topic::new(aws_sdk_sns::Client::new(aws.config()), settings.text(name::ALERTS_TOPIC)?),
        top_up_queue: Queue::new(aws.sqs(), settings.text(name::TOP_UP_QUEUE_URL)?),
        table: WorkTable::new(aws.dynamodb(), work_table),
        audience: audience::connect(&aws, &settings)?,
        printing: printing::connect(&aws, &settings)?,
        clock: Clock::system(),
    };
    let state = &state;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| handle(state, event))).await
}
