//! What webhooks did not bring: Stripe's events walked again, open objects read again.

pub(crate) mod due;
pub(crate) mod event;
pub(crate) mod postpone;
pub(crate) mod run;
pub(crate) mod walk;
