//! Alerts to owners.
//!
//! Owns the alert: its kinds, words and record, and that it is sent once. An alert is written in the transaction of
//! its occasion, under a name that the same occasion gives again. The sweeper publishes it to an SNS topic, which
//! sends e-mail in production. Knows nothing of the ledger, Stripe or its readers.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod alert;
mod send;
mod settings;

pub use alert::{Alert, AlertKind, alerts_of};
pub use send::{AlertFailure, Topic, send};
pub use settings::{AlertSettings, LevelsRefused, settings_of};
