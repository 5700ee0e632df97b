//! The function's process.

use billing_portal::handler::{State, answer};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    platform::http::serve(State::connect, answer).await
}
