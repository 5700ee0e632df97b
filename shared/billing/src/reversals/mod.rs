//! Refunds and disputes: the credits that they reverse, and that come back when they are undone.

mod appeal;
#[cfg(test)]
mod appeal_tests;
pub(crate) mod apply;
pub(crate) mod dispute;
pub(crate) mod dispute_state;
pub(crate) mod imported;
pub(crate) mod lots;
pub(crate) mod movements;
pub(crate) mod read;
pub(crate) mod refund;
pub(crate) mod refund_state;
pub(crate) mod reported;
pub(crate) mod reversal;
pub(crate) mod state;
pub(crate) mod taken_again;

pub use appeal::Appeal;
