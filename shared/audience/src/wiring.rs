//! Contacts from a function's environment; the only part that reads configuration.

use crate::{Audience, Sales, Vendors};
use data_axle_client::DataAxle;
use ledger::Ledger;
use platform::{CachedSecret, Environment, ObjectStore, Queue, Secret, Services, StartFailure, config::name};
use pricing::PriceBook;
use serde::Deserialize;
use tables::WorkTable;

/// Where Data Axle is reached unless configured otherwise.
const DATA_AXLE_API: &str = "https://api.data-axle.com";

/// The secret with Data Axle's tokens.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataAxleTokens {
    live_token: Secret<String>,
    test_token: Secret<String>,
}

/// Fetching, settling and sweeping. Reads no secret.
pub fn connect(services: &Services, environment: &Environment) -> Result<Audience, StartFailure> {
    let work = environment.text(name::WORK_TABLE)?;
    let (dynamodb, clock) = (services.dynamodb(), services.clock());
    Ok(Audience {
        ledger: Ledger::new(dynamodb.clone(), environment.text(name::LEDGER_TABLE)?, &work, clock.clone()),
        table: WorkTable::new(dynamodb, work),
        objects: ObjectStore::new(services, environment.text(name::CONTENT_BUCKET)?),
        queue: Queue::new(services.sqs(), environment.text(name::FETCH_QUEUE_URL)?),
        clock,
    })
}

/// Counting and buying.
pub fn connect_sales(services: &Services, environment: &Environment) -> Result<Sales, StartFailure> {
    let work = environment.text(name::WORK_TABLE)?;
    let (dynamodb, clock) = (services.dynamodb(), services.clock());
    let prices = environment.option(name::PRICE_BOOK).map_or_else(pricing::default_book, PriceBook::parse);
    Ok(Sales {
        ledger: Ledger::new(dynamodb.clone(), environment.text(name::LEDGER_TABLE)?, &work, clock.clone()),
        table: WorkTable::new(dynamodb, work),
        prices: prices.map_err(StartFailure::unusable("the price book"))?,
        clock,
    })
}

pub async fn connect_vendors(
    services: &Services,
    environment: &Environment,
) -> Result<Vendors, StartFailure> {
    let secret = environment.text(name::DATA_AXLE_SECRET_ID)?;
    let tokens: CachedSecret<DataAxleTokens> =
        CachedSecret::connect(services.secrets(), secret, services.clock()).await?;
    let (http, base) = (services.vendors()?, environment.text_or(name::DATA_AXLE_API_URL, DATA_AXLE_API));
    // A test stage never uses a live token, whatever a record says.
    let is_live = environment.parsed_or(name::LIVE_ORDERS, false)?;
    let live: fn(&DataAxleTokens) -> &Secret<String> =
        if is_live { |tokens| &tokens.live_token } else { |tokens| &tokens.test_token };
    let client = |token| {
        DataAxle::new(http.clone(), &base, tokens.key(token))
            .map_err(StartFailure::unusable("the client of Data Axle"))
    };
    Ok(Vendors { live: client(live)?, test: client(|tokens| &tokens.test_token)? })
}
