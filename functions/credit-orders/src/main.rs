//! Wires the function: configuration, clients, handler.

use credit_orders::handler::{State, handle};
use platform::{ClaimNames, Environment, config::name};
use tables::WorkTable;
use terms::Clock;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let environment = Environment::of_process();
    let table = environment.text(name::WORK_TABLE)?;
    let state = State {
        work: WorkTable::new(aws.dynamodb(), table),
        claims: ClaimNames::from_environment(&environment),
        clock: Clock::system(),
    };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
