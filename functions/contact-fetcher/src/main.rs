//! The function's process.

use contact_fetcher::handler::{State, handle};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    platform::queue::serve(State::connect, handle).await
}
