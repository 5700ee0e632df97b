//! The function's process.

use std::process::ExitCode;
use vendor_costs::handler::{State, answer};

#[tokio::main]
async fn main() -> ExitCode {
    platform::http::serve(State::connect, answer).await
}
