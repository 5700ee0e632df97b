//! The function refund-request: `main.rs` wires it, [`handler`] translates.

pub mod handler;
mod refusals;
