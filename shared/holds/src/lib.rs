//! Holds for what a vendor bills: placed with a purchase or print job, settled or released at its end.
//!
//! Owns the causes and purposes of the two movements of such a hold, and what the ledger's results mean for the
//! record that goes with it. Each movement is one decision of the ledger and one transaction with the records. Knows
//! nothing of what is in a record, of vendors' protocols or of HTTP.

#![deny(clippy::as_conversions)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod end;
mod failure;
mod held_for;
mod place;

pub use end::{Ending, HoldEnd, end};
pub use failure::HoldFailure;
pub use held_for::HeldFor;
pub use place::{HoldRefusal, NewHold, PlaceError, place};
