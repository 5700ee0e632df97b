//! Billing from a function's environment.

use crate::{Billing, Parts, Plan, PlanError};
use ledger::Ledger;
use platform::{Aws, CachedSecret, ConfigError, Environment, Secret, StartFailure, config::name, secrets};
use serde::Deserialize;
use stripe_client::{NotUsable, Stripe};
use tables::WorkTable;
use terms::Clock;

/// The secret named by `STRIPE_SECRET_ID`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StripeKeys {
    /// `sk_live_…` or `sk_test_…`.
    pub secret_key: Secret<String>,
    /// The webhook endpoint's signing secrets: two while one is rolled.
    pub webhook_secrets: Vec<Secret<String>>,
}

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WiringFailure {
    /// The environment lacks something.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The keys cannot be read.
    #[error(transparent)]
    Secret(#[from] secrets::SecretFailure),
    /// No HTTP client can be made.
    #[error(transparent)]
    Start(#[from] StartFailure),
    /// The base address or key is not usable.
    #[error(transparent)]
    Stripe(#[from] NotUsable),
    /// A test stage with a live key, or a live stage with a test key.
    #[error("the Stripe key is of the other mode than LIVEMODE says")]
    OtherMode,
    /// The plan that ships with the project has a mistake.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// Billing, and the keys that the webhook is verified with: both follow the secret when it is rotated.
///
/// # Errors
/// [`WiringFailure`] says what is missing.
pub async fn connect(
    aws: &Aws,
    environment: &Environment,
) -> Result<(Billing, CachedSecret<StripeKeys>), WiringFailure> {
    let (parts, keys) = connect_parts(aws, environment).await?;
    Ok((Billing::over(parts), keys))
}

/// The same, not put together.
///
/// # Errors
/// [`WiringFailure`] says what is missing.
pub async fn connect_parts(
    aws: &Aws,
    environment: &Environment,
) -> Result<(Parts, CachedSecret<StripeKeys>), WiringFailure> {
    let secret = environment.text(name::STRIPE_SECRET_ID)?;
    let keys: CachedSecret<StripeKeys> =
        CachedSecret::connect(aws.secrets(), secret, Clock::system()).await?;
    let livemode = environment.parsed_or(name::LIVEMODE, false)?;
    if is_live(keys.current().await.secret_key.reveal()) != livemode {
        return Err(WiringFailure::OtherMode);
    }
    let base = environment.text_or(name::STRIPE_API_URL, "https://api.stripe.com");
    let stripe = Stripe::new(platform::vendor_client()?, &base, keys.key(|keys| &keys.secret_key))?;
    let work_table = environment.text(name::WORK_TABLE)?;
    let ledger_table = environment.text(name::LEDGER_TABLE)?;
    let parts = Parts {
        ledger: Ledger::new(aws.dynamodb(), ledger_table, work_table.clone(), Clock::system()),
        work: WorkTable::new(aws.dynamodb(), work_table),
        stripe,
        plan: Plan::shipped()?,
        app_url: environment.text_or(name::APP_URL, ""),
        livemode,
        clock: Clock::system(),
    };
    Ok((parts, keys))
}

/// Whether real money moves under this key (docs.stripe.com/keys, "Key types").
fn is_live(key: &str) -> bool {
    key.starts_with("sk_live_") || key.starts_with("rk_live_")
}

#[cfg(test)]
mod tests {
    use super::is_live;

    #[test]
    fn a_key_says_its_mode() {
        assert!(["sk_live_1", "rk_live_1"].into_iter().all(is_live));
        assert!(!["sk_test_1", "rk_test_1", "live_sk_1", ""].into_iter().any(is_live));
    }
}
