//! The only place that writes ledger items: DynamoDB, one conditional transaction per movement.
//!
//! Owns keys, item forms, the retry rule and what a transaction's refusal means. Knows nothing of why a movement is
//! wanted.

#![expect(clippy::disallowed_methods, reason = "the ledger's own writes")]

mod items;
pub mod keys;
mod past;
mod post;
mod read;
mod reference;
mod watched;
mod write;

pub use past::BalanceAt;
pub use read::{Balance, EntryPage, EntryQuery};
pub use reference::{Reference, RememberOutcome};
pub use watched::{DUE_ACCOUNT, DUE_CROSSING, due_organization};

use crate::VendorFigures;
use aws_sdk_dynamodb::Client;
use serde_json::Value;
use tables::WorkWrite;
use terms::Clock;

/// What is written with a movement, in its transaction.
#[derive(Debug, Clone, Default)]
pub struct Companions {
    /// Business records of the `work` table.
    pub work: Vec<WorkWrite>,
    /// What the month gains for a vendor.
    pub vendor: Option<VendorFigures>,
    /// Stripe objects whose owner this movement records.
    pub references: Vec<Reference>,
    /// The response that the caller gets first, stored so that a replay gives it again.
    pub answer: Option<Value>,
}

/// The ledger over its two tables. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ledger {
    client: Client,
    ledger_table: String,
    work_table: String,
    clock: Clock,
}

impl Ledger {
    pub fn new(
        client: Client,
        ledger_table: impl Into<String>,
        work_table: impl Into<String>,
        clock: Clock,
    ) -> Self {
        Self { client, ledger_table: ledger_table.into(), work_table: work_table.into(), clock }
    }
}
