//! Wires the function: configuration, clients, handler.

use audience_purchase::handler::{State, handle};
use platform::{ClaimNames, Environment, Queue, config::name};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = platform::start().await?;
    let settings = Environment::of_process();
    let state = State {
        sales: audience::connect_sales(&aws, &settings)?,
        vendors: audience::connect_vendors(&aws, &settings).await?,
        queue: Queue::new(aws.sqs(), settings.text(name::FETCH_QUEUE_URL)?),
        live_orders: settings.parsed_or(name::LIVE_ORDERS, false)?,
        claims: ClaimNames::from_environment(&settings),
    };
    let state = &state;
    platform::http::serve(|request| handle(state, request)).await
}
