//! The function auto-top-up-settings: `main.rs` wires it, [`handler`] translates.

mod body;
pub mod handler;
