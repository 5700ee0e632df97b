//! DynamoDB plumbing: typed items, conditional writes, error classes and the due index.
//!
//! Owns how a record becomes an item and back; how a refused condition differs from a conflict, a failure and an
//! unknown outcome; and how due records are found. Knows nothing of what the records mean: accounts and entries are
//! written by the ledger alone, through [`transact`].

#![expect(
    clippy::disallowed_methods,
    reason = "the one room of raw writes, and of the names and waits that they need"
)]

mod attempt;
mod backoff;
mod bounded;
mod item;
mod quota;
mod transact;
mod turns;
mod work;
mod write;

pub use attempt::{Attempt, StillChanging, retry_while_changed};
pub use backoff::Backoff;
pub use bounded::{OpenBound, Opened};
pub use item::{DUE_INDEX, DueItem, Item, Key, Lane, Record, Stored, decode, due_attributes, encode, key_of};
pub use quota::{Quota, Taken};
pub use transact::{RefusedAt, TableFailure, TransactFailure, is_contention, transact};
pub use turns::in_turns;
pub use work::{Insert, Replace, Together, WorkTable};
pub use write::WorkWrite;
