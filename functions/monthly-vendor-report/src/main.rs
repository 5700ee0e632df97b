//! The function's process.

use monthly_vendor_report::{event::dispatch, handler::State};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    platform::events::serve(State::connect, dispatch).await
}
