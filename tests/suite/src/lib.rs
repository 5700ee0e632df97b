//! What the tests across crates share: gateway events, every function over one world, a stage with money coming in.

mod dashboard;
pub mod functions;
pub mod gateway;
pub mod lines;
pub mod movements;
pub mod shop;
pub mod spreadsheet;
pub mod stage;
