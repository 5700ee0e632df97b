//! Wiring from a function's environment; the only part that reads configuration.

use crate::{Audience, Sales, Vendors};
use data_axle_client::{DataAxle, NotUsable};
use ledger::Ledger;
use platform::{
    Aws, CachedSecret, ConfigError, Environment, ObjectStore, Queue, Secret, SecretFailure, StartFailure,
    config::name,
};
use pricing::PriceBookError;
use serde::Deserialize;
use tables::WorkTable;
use terms::Clock;

/// Where the vendor is reached unless configuration says otherwise.
const DATA_AXLE_API: &str = "https://api.data-axle.com";

/// Why a function of contacts cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WiringFailure {
    /// A variable is missing.
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    /// The vendor's secret cannot be read.
    #[error("the vendor's tokens cannot be read")]
    Secret(#[from] SecretFailure),
    /// The vendor's URL or a token cannot be used.
    #[error("the vendor's client cannot be made")]
    Vendor(#[from] NotUsable),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be made")]
    Start(#[from] StartFailure),
    /// The price book is wrong.
    #[error("the price book cannot be read")]
    Prices(#[from] PriceBookError),
}

/// The secret of the vendor's tokens.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataAxleTokens {
    live_token: Secret<String>,
    test_token: Secret<String>,
}

/// Fetching, settling and sweeping, as a function's environment configures them. Asks for no secret.
///
/// # Errors
/// [`WiringFailure::Config`].
pub fn connect(aws: &Aws, settings: &Environment) -> Result<Audience, WiringFailure> {
    let clock = Clock::system();
    let work = settings.text(name::WORK_TABLE)?;
    Ok(Audience {
        ledger: Ledger::new(aws.dynamodb(), settings.text(name::LEDGER_TABLE)?, &work, clock.clone()),
        table: WorkTable::new(aws.dynamodb(), work),
        objects: ObjectStore::new(aws, settings.text(name::CONTENT_BUCKET)?),
        queue: Queue::new(aws.sqs(), settings.text(name::FETCH_QUEUE_URL)?),
        clock,
    })
}

/// Counting and buying, as a function's environment configures them.
///
/// # Errors
/// [`WiringFailure`]: a variable is missing, or the price book is wrong.
pub fn connect_sales(aws: &Aws, settings: &Environment) -> Result<Sales, WiringFailure> {
    let clock = Clock::system();
    let work = settings.text(name::WORK_TABLE)?;
    Ok(Sales {
        ledger: Ledger::new(aws.dynamodb(), settings.text(name::LEDGER_TABLE)?, &work, clock.clone()),
        table: WorkTable::new(aws.dynamodb(), work),
        prices: pricing::default_book()?,
        clock,
    })
}

/// The vendor as a function's environment configures it.
///
/// # Errors
/// [`WiringFailure`]: a variable or the secret is missing or unusable.
pub async fn connect_vendors(aws: &Aws, settings: &Environment) -> Result<Vendors, WiringFailure> {
    let secret = settings.text(name::DATA_AXLE_SECRET_ID)?;
    let tokens: CachedSecret<DataAxleTokens> =
        CachedSecret::connect(aws.secrets(), secret, Clock::system()).await?;
    let (http, base) = (platform::vendor_client()?, settings.text_or(name::DATA_AXLE_API_URL, DATA_AXLE_API));
    // A test stage never shows the vendor a live token, whatever stands on a record.
    let is_live = settings.parsed_or(name::LIVE_ORDERS, false)?;
    let live: fn(&DataAxleTokens) -> &Secret<String> =
        if is_live { |tokens| &tokens.live_token } else { |tokens| &tokens.test_token };
    Ok(Vendors {
        live: DataAxle::new(http.clone(), &base, tokens.key(live))?,
        test: DataAxle::new(http, &base, tokens.key(|tokens| &tokens.test_token))?,
    })
}
