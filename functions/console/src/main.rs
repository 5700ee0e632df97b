//! Wires the function console: configuration from the environment, then the runtime's loop.

use console::{Config, handle};
use lambda_http::{Error, Request, run, service_fn, tracing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = Config::from_env()?;
    let config = &config;
    run(service_fn(move |request: Request| async move { handle(config, request).await })).await
}
