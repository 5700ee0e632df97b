//! Wires the function: configuration, clients, handler.

use lambda_runtime::{LambdaEvent, service_fn};
use platform::Environment;
use recovery::handler::handle;
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = platform::start().await?;
    let (billing, _) = billing::connect(&aws, &Environment::of_process()).await?;
    let billing = &billing;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| handle(billing, event))).await
}
