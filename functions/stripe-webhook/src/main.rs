//! Wires the function: configuration, clients, handler.

use platform::Environment;
use stripe_webhook::handler::{State, handle};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let (billing, keys) = billing::connect(&aws, &Environment::of_process()).await?;
    let state = State { billing, keys };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
