//! The function's process.

use console::handler::{State, answer};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    platform::http::serve(State::connect, answer).await
}
