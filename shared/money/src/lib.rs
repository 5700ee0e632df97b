//! Money, unit prices and quantities: exact decimals in newtypes, every operation checked.
//!
//! Owns the scale (two decimals for [`Money`], up to four for [`UnitPrice`]), the bounds, and the one rounding of the
//! product: unit price × quantity, rounded once, half to even, to cents. Knows nothing of accounts or vendors and
//! does no IO.

#![deny(clippy::as_conversions, clippy::float_arithmetic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used))]

mod amount;
mod price;

pub use amount::{Money, MoneyError, PositiveMoney};
pub use price::{Percent, Quantity, UnitPrice};
