//! Wires the function: configuration, clients, handler.

use platform::{Environment, queue};
use print_planner::handler::handle;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = platform::start().await?;
    let printing = printing::connect(&aws, &Environment::of_process())?;
    let printing = &printing;
    queue::serve(|message, deadline| handle(printing, message, deadline)).await
}
