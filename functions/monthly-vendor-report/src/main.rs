//! Wires the function: configuration, clients, the loop over both kinds of events.

use costs::{Costs, Reports};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ledger::Ledger;
use monthly_vendor_report::{event::dispatch, handler::State};
use platform::{ClaimNames, Environment, ObjectStore, config::name};
use tables::WorkTable;
use terms::Clock;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let aws = platform::start().await?;
    let environment = Environment::of_process();
    let (ledger, work) = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
    let files = ObjectStore::new(&aws, environment.text(name::REPORTS_BUCKET)?);
    let costs = Costs::new(Ledger::new(aws.dynamodb(), ledger, &work, Clock::system()), Clock::system());
    let state = State {
        reports: Reports::new(costs, WorkTable::new(aws.dynamodb(), work), files),
        claims: ClaimNames::from_environment(&environment),
    };
    let state = &state;
    lambda_runtime::run(service_fn(|event: LambdaEvent<serde_json::Value>| dispatch(state, event))).await
}
