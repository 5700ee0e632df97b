//! What every function needs around it: configuration, caller, problems, pages, queues, objects.
//!
//! Owns how a function starts, who calls it, how a response or a problem leaves, how work is queued and files are
//! stored. Knows nothing of the ledger, of money, or of any vendor.

pub mod audit;
pub mod caller;
pub mod config;
pub mod events;
pub mod http;
pub mod log;
pub mod objects;
pub mod page;
pub mod problem;
pub mod queue;
pub mod secrets;

mod cached_secret;
mod canonical;
mod deadline;
mod policy;
mod query;
mod services;
mod start;

#[cfg(test)]
mod samples;

pub use cached_secret::CachedSecret;
pub use caller::{Caller, Role};
pub use config::{ClaimNames, ConfigError, Environment};
pub use deadline::Deadline;
pub use objects::{ObjectEntry, ObjectFailure, ObjectHead, ObjectStore};
pub use policy::{ContentType, Upload, UploadRules};
pub use problem::Problem;
pub use queue::{Queue, QueueFailure};
pub use secrets::{Secret, SecretFailure};
pub use services::{Services, vendor_client};
pub use start::{StartFailure, install_crypto};
