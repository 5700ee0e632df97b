//! What webhooks did not bring: Stripe's events walked again, open objects read again.

mod postpone;
pub(crate) mod walk;
