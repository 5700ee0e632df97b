//! Wires the function: configuration, clients, handler.

use auto_top_up::handler::handle;
use platform::{Environment, queue};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = platform::start().await?;
    let (billing, _) = billing::connect(&aws, &Environment::of_process()).await?;
    let billing = &billing;
    queue::serve(|message, deadline| handle(billing, message, deadline)).await
}
