//! The function recovery: `main.rs` wires it, [`handler`] translates.

pub mod handler;
