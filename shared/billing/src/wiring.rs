//! Billing from a function's environment; the only part that reads configuration.

use crate::{Billing, Parts, Plan};
use ledger::Ledger;
use platform::{CachedSecret, Environment, Secret, Services, StartFailure, config::name};
use serde::Deserialize;
use std::time::Duration;
use stripe_client::{RetryPauses, Stripe, Transport};
use tables::WorkTable;

/// Where Stripe is reached unless configured otherwise.
const STRIPE_API: &str = "https://api.stripe.com";

/// The secret named by `STRIPE_SECRET_ID`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StripeKeys {
    /// `sk_live_…` or `sk_test_…`.
    pub secret_key: Secret<String>,
    /// The webhook endpoint's signing secrets: two while one is rolled.
    pub webhook_secrets: Vec<Secret<String>>,
}

/// A test stage with a live key, or a live stage with a test key.
#[derive(Debug, thiserror::Error)]
#[error("it is of the other mode than LIVEMODE says")]
struct OtherMode;

/// Billing, and the keys that the webhook is verified with: both follow the secret when it is rotated. Fails if the
/// key is of the other mode.
pub async fn connect(
    services: &Services,
    environment: &Environment,
) -> Result<(Billing, CachedSecret<StripeKeys>), StartFailure> {
    let (parts, keys) = connect_parts(services, environment).await?;
    Ok((Billing::over(&parts), keys))
}

/// The parts of [`connect`], not put together.
pub async fn connect_parts(
    services: &Services,
    environment: &Environment,
) -> Result<(Parts, CachedSecret<StripeKeys>), StartFailure> {
    let secret = environment.text(name::STRIPE_SECRET_ID)?;
    let keys: CachedSecret<StripeKeys> =
        CachedSecret::connect(services.secrets(), secret, services.clock()).await?;
    let livemode = environment.parsed_or(name::LIVEMODE, false)?;
    if is_live(keys.current().await.secret_key.reveal()) != livemode {
        return Err(StartFailure::unusable("the Stripe key")(OtherMode));
    }
    let (work, ledger) = (environment.text(name::WORK_TABLE)?, environment.text(name::LEDGER_TABLE)?);
    let (dynamodb, clock) = (services.dynamodb(), services.clock());
    let plan = environment.option(name::SUBSCRIPTION_PLAN).map_or_else(Plan::shipped, Plan::parse);
    let parts = Parts {
        ledger: Ledger::new(dynamodb.clone(), ledger, &work, clock.clone()),
        work: WorkTable::new(dynamodb, work),
        stripe: stripe(services, environment, &keys)?,
        plan: plan.map_err(StartFailure::unusable("the subscription's plan"))?,
        app_url: environment.text_or(name::APP_URL, ""),
        livemode,
        clock,
    };
    Ok((parts, keys))
}

fn stripe(
    services: &Services,
    environment: &Environment,
    keys: &CachedSecret<StripeKeys>,
) -> Result<Stripe, StartFailure> {
    let base = environment.text_or(name::STRIPE_API_URL, STRIPE_API);
    let transport = Transport::new(services.vendors()?, &base, keys.key(|keys| &keys.secret_key))
        .map_err(StartFailure::unusable("the client of Stripe"))?;
    let RetryPauses { first, longest } = RetryPauses::default();
    let longest_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    let longest = Duration::from_millis(environment.parsed_or(name::STRIPE_RETRY_PAUSE_MS_MAX, longest_ms)?);
    Ok(Stripe::over(transport.with_pauses(RetryPauses { first: first.min(longest), longest })))
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
