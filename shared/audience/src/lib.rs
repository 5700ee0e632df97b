//! Contacts: quote, hold, fetch, settle.
//!
//! Owns what a customer may filter by, what a purchase of contacts is, who may fetch it from the vendor when,
//! and how it ends with its hold. Nothing is asked of the vendor that bills before the hold stands and the
//! purchase is marked as begun; every page is stored before the next is asked for; what is charged is what is
//! stored. Knows nothing of HTTP, of postcards, or of what the ledger's items are. Contact data passes
//! through memory into S3 and never into a record or a log line.

#![deny(clippy::as_conversions)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod counting;
mod csv;
mod failure;
mod fetch;
mod filters;
mod keep;
pub mod limits;
mod pages;
mod plan;
mod purchase;
mod purchase_state;
mod quote;
mod record;
mod sales;
mod settle;
mod status;
mod sweep;
mod wiring;

pub use counting::{Asker, CountRefusal};
pub use failure::{AudienceError, AudienceFailure};
pub use fetch::{Audience, FetchMessage};
pub use filters::Filters;
pub use plan::{PageCount, Progress};
pub use purchase::{Placed, PurchaseOrder, PurchaseRefusal};
pub use purchase_state::PurchaseState;
pub use record::{Purchase, purchase_key};
pub use sales::{MaxContacts, Sales, Vendors};
pub use status::status;
pub use sweep::sweep;
pub use wiring::{connect, connect_sales, connect_vendors};

use plan::{FetchStep, next_step};
use purchase_state::{FetchLease, PurchaseEnd, PurchaseStatus, Turn};
use quote::{Quote, quote_key};

/// What an owner calls an audience.
pub type AudienceName = terms::PersonText<{ limits::NAME_LENGTH_MAX }>;
