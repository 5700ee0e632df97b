//! The function quarantine (manual review): `main.rs` wires it, [`handler`] translates.

pub mod handler;
