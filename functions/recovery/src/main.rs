//! The function's process.

use recovery::handler::{State, handle};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    platform::events::serve(State::connect, handle).await
}
