//! The function quarantine: `main.rs` wires it, [`handler`] translates.

pub mod handler;
