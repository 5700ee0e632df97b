//! The price book: what the customer pays and what the vendor charges for a quantity, and from when.
//!
//! Owns the tiers, the packages of credits, the bounds of one purchase of credits, and the package that is offered
//! when credits are missing. Knows nothing of accounts, vendors' protocols or HTTP and does no IO: the default book
//! is embedded from `infra/price-book.json`.

#![deny(clippy::as_conversions, clippy::float_arithmetic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used))]

mod book;
mod error;
pub mod limits;
mod package;
mod version;
mod wire;

pub use book::{PriceBook, default_book};
pub use error::PriceBookError;
pub use package::{Suggestion, packages, suggest};
pub use version::{Price, Version};
