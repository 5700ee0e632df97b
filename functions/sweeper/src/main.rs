//! The function's process.

use std::process::ExitCode;
use sweeper::handler::{State, handle};

#[tokio::main]
async fn main() -> ExitCode {
    platform::events::serve(State::connect, handle).await
}
