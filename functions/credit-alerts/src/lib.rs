//! The function credit-alerts: `main.rs` wires it, [`handler`] translates.

pub mod handler;
mod view;
