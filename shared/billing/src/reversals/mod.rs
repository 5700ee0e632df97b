//! Refunds and disputes: the credits that they reverse, and that come back when they are undone.

mod appeal;
#[cfg(test)]
mod appeal_tests;
pub(crate) mod apply;
mod lots;
mod movements;
pub(crate) mod state;

pub use appeal::Appeal;
