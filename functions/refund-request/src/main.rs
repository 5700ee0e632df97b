//! Wires the function: configuration, clients, handler.

use platform::{ClaimNames, Environment};
use refund_request::handler::{State, handle};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let environment = Environment::of_process();
    let (billing, _) = billing::connect(&aws, &environment).await?;
    let state = State { billing, claims: ClaimNames::from_environment(&environment) };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
