//! The function's process.

use campaign_print_status::handler::{State, answer};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    platform::http::serve(State::connect, answer).await
}
