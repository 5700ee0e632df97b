//! The benchmark: counts and ratios first, times only where nothing else will do.
//!
//! Runs the real handlers and the real store over an in-process DynamoDB and vendors that answer in this
//! process. Asserts nothing that depends on a machine: figures stand beside their targets, and people judge.

pub mod bill;
mod cost;
pub mod counted_s3;
mod figure;
pub mod instructions;
pub mod money_in;
pub mod movements;
pub mod own_time;
pub mod printing_jobs;
pub mod racers;
pub mod report;
pub mod sizes;
pub mod tape;
pub mod vendors;
pub mod warm;
pub mod webhooks;

pub use cost::Cost;
pub use figure::{Figure, Sheet, Target, milliseconds, ratio};
