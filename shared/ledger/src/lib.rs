//! The ledger: accounts, lots, holds and entries.
//!
//! Owns every movement of credits. [`decide`] is pure: no clock, no IO, no async. `store` is the only place that
//! writes ledger items: each movement is one conditional transaction of account, entry, cause, hold, month roll-up
//! and the caller's business records. Knows nothing of Stripe, Data Axle, PostGrid or HTTP, nor what a business
//! record means.

#![deny(clippy::as_conversions, clippy::float_arithmetic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used))]

mod account;
mod cause;
mod command;
mod decide;
mod entry;
mod hold;
pub mod limits;
mod month;
mod outcome;
mod postings;
#[cfg(test)]
mod pure_tests;
mod store;
mod verify;
mod watch;

pub use account::{Account, FrozenReason, Lot, LotKind, Part, Totals};
pub use cause::{Cause, CauseKind};
pub use command::{Command, Condition, GrantKind, GrantRef, Movement, Purpose, TakeKind};
pub use decide::{Accepted, Context, HoldChange, decide};
pub use entry::{Entry, EntryKind, Hash};
pub use hold::{Hold, HoldStatus};
pub use month::{MonthDelta, OrganizationMonth, Vendor, VendorFigures, VendorTotals};
pub use outcome::{Failure, PostResult, Posted, Receipt, Recorded, Refusal};
pub use postings::{LedgerAccount, Posting, PostingRecord, postings};
pub use store::{
    Balance, BalanceAt, Companions, DUE_ACCOUNT, DUE_CROSSING, EntryPage, EntryQuery, Ledger, Reference,
    RememberOutcome, due_organization, keys,
};
pub use verify::{StatementFault, verify};
pub use watch::{Crossing, Watch, WatchError};
