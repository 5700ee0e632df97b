//! An object read at Stripe.

use crate::BillingFailure;
use stripe_client::StripeFailure;

/// `None`, with a log line, for an object that Stripe does not know or no longer knows.
pub(crate) fn known<T>(object: &str, answer: Result<T, StripeFailure>) -> Result<Option<T>, BillingFailure> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.is_missing() => {
            tracing::warn!(object, "Stripe does not know this object");
            Ok(None)
        }
        Err(failure) => Err(BillingFailure::Stripe(failure)),
    }
}
