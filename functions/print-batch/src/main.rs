//! Wires the function: configuration, clients, handler.

use platform::{Environment, queue};
use print_batch::handler::{State, handle};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = platform::start().await?;
    let settings = Environment::of_process();
    let state = State {
        printing: printing::connect(&aws, &settings)?,
        vendors: printing::connect_vendors(&aws, &settings).await?,
    };
    let state = &state;
    queue::serve(|message, deadline| handle(state, message, deadline)).await
}
