//! Wires the function: configuration, clients, handler.

use auto_top_up_settings::handler::{State, handle};
use ledger::Ledger;
use platform::{ClaimNames, Environment, config::name};
use tables::WorkTable;
use terms::Clock;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let environment = Environment::of_process();
    let tables = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
    let state = State {
        ledger: Ledger::new(aws.dynamodb(), tables.0, tables.1.clone(), Clock::system()),
        work: WorkTable::new(aws.dynamodb(), tables.1),
        claims: ClaimNames::from_environment(&environment),
        clock: Clock::system(),
    };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
