//! Wires the function: configuration, clients, handler.

use campaign_print::handler::{State, handle};
use platform::{ClaimNames, Environment, config::name};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let settings = Environment::of_process();
    let state = State {
        printing: printing::connect(&aws, &settings)?,
        live_orders: settings.parsed_or(name::LIVE_ORDERS, false)?,
        claims: ClaimNames::from_environment(&settings),
    };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
