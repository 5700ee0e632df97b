//! Wires the function: configuration, clients, handler.

use lambda_runtime::{LambdaEvent, service_fn};
use platform::{Environment, config::name};
use serde_json::Value;
use sweeper::handler::{State, handle};
use tables::WorkTable;
use terms::Clock;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = platform::start().await?;
    let settings = Environment::of_process();
    let state = State {
        table: WorkTable::new(aws.dynamodb(), settings.text(name::WORK_TABLE)?),
        audience: audience::connect(&aws, &settings)?,
        printing: printing::connect(&aws, &settings)?,
        clock: Clock::system(),
    };
    let state = &state;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| handle(state, event))).await
}
