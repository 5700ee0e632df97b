//! Wires the function: configuration, clients, handler.

use contact_fetcher::handler::{State, handle};
use platform::{Environment, queue};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = platform::start().await?;
    let settings = Environment::of_process();
    let state = State {
        audience: audience::connect(&aws, &settings)?,
        vendors: audience::connect_vendors(&aws, &settings).await?,
    };
    let state = &state;
    queue::serve(|message, deadline| handle(state, message, deadline)).await
}
