//! Printing from a function's environment; the only part that reads configuration.

use crate::{Pace, Printing, PrintingParts, Vendors};
use ledger::Ledger;
use platform::{CachedSecret, Environment, ObjectStore, Queue, Secret, Services, StartFailure, config::name};
use postgrid_client::PostGrid;
use pricing::PriceBook;
use serde::Deserialize;
use tables::WorkTable;

/// Calls per second in production.
const RATE_DEFAULT: u32 = 5;

/// How many print-batch functions run at once.
const WORKERS_DEFAULT: u32 = 2;

/// Where PostGrid is reached unless configured otherwise.
const POSTGRID_API: &str = "https://api.postgrid.com";

/// The secret with PostGrid's keys.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostGridKeys {
    live_key: Secret<String>,
    test_key: Secret<String>,
}

/// Reads no secret.
pub fn connect(services: &Services, environment: &Environment) -> Result<Printing, StartFailure> {
    let work = environment.text(name::WORK_TABLE)?;
    let (dynamodb, clock) = (services.dynamodb(), services.clock());
    let queue = |variable| Ok::<_, StartFailure>(Queue::new(services.sqs(), environment.text(variable)?));
    let prices = environment.option(name::PRICE_BOOK).map_or_else(pricing::default_book, PriceBook::parse);
    Ok(Printing::new(PrintingParts {
        ledger: Ledger::new(dynamodb.clone(), environment.text(name::LEDGER_TABLE)?, &work, clock.clone()),
        table: WorkTable::new(dynamodb, work),
        objects: ObjectStore::new(services, environment.text(name::CONTENT_BUCKET)?),
        plans: queue(name::PLAN_QUEUE_URL)?,
        batches: queue(name::BATCH_QUEUE_URL)?,
        prices: prices.map_err(StartFailure::unusable("the price book"))?,
        clock,
    }))
}

pub async fn connect_vendors(
    services: &Services,
    environment: &Environment,
) -> Result<Vendors, StartFailure> {
    let secret = environment.text(name::POSTGRID_SECRET_ID)?;
    let keys: CachedSecret<PostGridKeys> =
        CachedSecret::connect(services.secrets(), secret, services.clock()).await?;
    let (http, base) = (services.vendors()?, environment.text_or(name::POSTGRID_API_URL, POSTGRID_API));
    let rate = environment.parsed_or(name::POSTGRID_RATE_PER_SECOND, RATE_DEFAULT)?;
    let workers = environment.parsed_or(name::PRINT_WORKERS, WORKERS_DEFAULT)?;
    // A test stage never uses a live key, whatever a record says.
    let is_live = environment.parsed_or(name::LIVE_ORDERS, false)?;
    let live: fn(&PostGridKeys) -> &Secret<String> =
        if is_live { |keys| &keys.live_key } else { |keys| &keys.test_key };
    let client = |key| {
        PostGrid::new(http.clone(), &base, keys.key(key))
            .map_err(StartFailure::unusable("the client of PostGrid"))
    };
    Ok(Vendors {
        live: client(live)?,
        test: client(|keys| &keys.test_key)?,
        pace: Pace::share(rate, workers),
    })
}
