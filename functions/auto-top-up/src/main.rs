//! The function's process.

use auto_top_up::handler::{State, handle};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    platform::queue::serve(State::connect, handle).await
}
