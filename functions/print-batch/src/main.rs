//! The function's process.

use print_batch::handler::{State, handle};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    platform::queue::serve(State::connect, handle).await
}
