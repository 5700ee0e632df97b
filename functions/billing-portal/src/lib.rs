//! The function billing-portal: `main.rs` wires it, [`handler`] translates.

pub mod handler;
