//! Wires the function: configuration, clients, handler.

use billing_portal::handler::{State, handle};
use platform::{ClaimNames, Environment, config::name};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let environment = Environment::of_process();
    let (billing, _) = billing::connect(&aws, &environment).await?;
    let state = State {
        billing,
        claims: ClaimNames::from_environment(&environment),
        app_url: environment.text_or(name::APP_URL, ""),
    };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
