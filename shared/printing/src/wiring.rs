//! Wiring from a function's environment; the only part that reads configuration.

use crate::{Pace, Printing, PrintingParts, Vendors};
use ledger::Ledger;
use platform::{Aws, CachedSecret, Environment, ObjectStore, Queue, Secret, config::name};
use postgrid_client::PostGrid;
use serde::Deserialize;
use std::error::Error;
use tables::WorkTable;
use terms::Clock;

/// How many print-batch functions run at once, and so share the vendor's rate.
const PRINT_WORKERS: &str = "PRINT_WORKERS";

/// Calls a second that production may make.
const RATE_DEFAULT: u32 = 5;

/// Where the vendor is reached unless configuration says otherwise.
const POSTGRID_API: &str = "https://api.postgrid.com";

/// The secret of the vendor's keys.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostGridKeys {
    live_key: Secret<String>,
    test_key: Secret<String>,
}

/// Printing as a function's environment configures it. A queue that a function never sends to need not be
/// named: its permissions do not reach it either.
///
/// # Errors
/// A variable that is missing, or a price book that cannot be read.
pub fn connect(aws: &Aws, settings: &Environment) -> Result<Printing, Box<dyn Error + Send + Sync>> {
    let (clock, work) = (Clock::system(), settings.text(name::WORK_TABLE)?);
    let queue = |variable| Queue::new(aws.sqs(), settings.text_or(variable, ""));
    Ok(Printing::new(PrintingParts {
        ledger: Ledger::new(aws.dynamodb(), settings.text_or(name::LEDGER_TABLE, ""), &work, clock.clone()),
        table: WorkTable::new(aws.dynamodb(), work),
        objects: ObjectStore::new(aws, settings.text(name::CONTENT_BUCKET)?),
        plans: queue(name::PLAN_QUEUE_URL),
        batches: queue(name::BATCH_QUEUE_URL),
        prices: pricing::default_book()?,
        clock,
    }))
}

/// The vendor as a function's environment configures it.
///
/// # Errors
/// A variable or secret that is missing or unusable.
pub async fn connect_vendors(
    aws: &Aws,
    settings: &Environment,
) -> Result<Vendors, Box<dyn Error + Send + Sync>> {
    let secret = settings.text(name::POSTGRID_SECRET_ID)?;
    let keys: CachedSecret<PostGridKeys> =
        CachedSecret::connect(aws.secrets(), secret, Clock::system()).await?;
    let (http, base) = (platform::vendor_client()?, settings.text_or(name::POSTGRID_API_URL, POSTGRID_API));
    let rate = settings.parsed_or(name::POSTGRID_RATE_PER_SECOND, RATE_DEFAULT)?;
    // A test stage never shows the vendor a live key, whatever stands on a record.
    let is_live = settings.parsed_or(name::LIVE_ORDERS, false)?;
    let live: fn(&PostGridKeys) -> &Secret<String> =
        if is_live { |keys| &keys.live_key } else { |keys| &keys.test_key };
    Ok(Vendors {
        live: PostGrid::new(http.clone(), &base, keys.key(live))?,
        test: PostGrid::new(http, &base, keys.key(|keys| &keys.test_key))?,
        pace: Pace::share(rate, settings.parsed_or(PRINT_WORKERS, 2)?),
    })
}
