//! Wires the function: configuration, clients, handler.

use costs::Costs;
use ledger::Ledger;
use platform::{ClaimNames, Environment, config::name};
use terms::Clock;
use vendor_costs::handler::{State, handle};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let environment = Environment::of_process();
    let tables = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
    let ledger = Ledger::new(aws.dynamodb(), tables.0, tables.1, Clock::system());
    let state = State {
        costs: Costs::new(ledger, Clock::system()),
        claims: ClaimNames::from_environment(&environment),
    };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
