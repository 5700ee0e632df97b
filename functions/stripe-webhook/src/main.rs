//! The function's process.

use std::process::ExitCode;
use stripe_webhook::handler::{State, answer};

#[tokio::main]
async fn main() -> ExitCode {
    platform::http::serve(State::connect, answer).await
}
