//! Alerts to owners.
//!
//! Owns the alert: its kinds, its words, its record, and that it is sent once. An alert is written in the
//! transaction of its occasion, under a name that the same occasion has again; the sweeper sends it (a topic
//! of SNS, e-mail in production). Knows nothing of the ledger, of Stripe or of who reads it.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod alert;
mod send;
mod settings;

pub use alert::{Alert, AlertKind, alerts_of};
pub use send::{AlertFailure, Topic, send};
pub use settings::{AlertSettings, LevelsRefused, settings_of};
