//! The function credit-adjustments: `main.rs` wires it, [`handler`] translates, `opening` brings balances over,
//! [`rows`] reads their CSV with `sheet`.

mod body;
pub mod handler;
mod opening;
mod refusals;
pub mod rows;
mod sheet;
