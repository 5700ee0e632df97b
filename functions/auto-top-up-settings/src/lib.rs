//! The function auto-top-up-settings: `main.rs` wires it, [`handler`] translates.

pub mod handler;
