//! Wires the function: configuration, clients, handler.

use audience_purchase_status::handler::{State, handle};
use platform::{ClaimNames, Environment, ObjectStore, config::name};
use tables::WorkTable;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let settings = Environment::of_process();
    let state = State {
        table: WorkTable::new(aws.dynamodb(), settings.text(name::WORK_TABLE)?),
        objects: ObjectStore::new(&aws, settings.text(name::CONTENT_BUCKET)?),
        claims: ClaimNames::from_environment(&settings),
    };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
