//! Wires the function: configuration, clients, handler.

use audience_count::handler::{State, handle};
use platform::{ClaimNames, Environment};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let settings = Environment::of_process();
    let state = State {
        sales: audience::connect_sales(&aws, &settings)?,
        vendors: audience::connect_vendors(&aws, &settings).await?,
        claims: ClaimNames::from_environment(&settings),
    };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
