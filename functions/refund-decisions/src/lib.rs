//! The function refund-decisions: `main.rs` wires it, [`handler`] translates.

pub mod handler;
mod refusals;
mod view;
