//! The function credit-orders: `main.rs` wires it, [`handler`] translates.

pub mod handler;
