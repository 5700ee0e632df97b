//! The function quarantine (manual review): `main.rs` wires it, [`handler`] translates.

mod body;
pub mod handler;
mod refusals;
