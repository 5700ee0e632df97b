//! The function auto-top-up: `main.rs` wires it, [`handler`] translates.

pub mod handler;
