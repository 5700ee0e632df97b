//! What the tests across crates share: gateway events, a stage with money coming in, and all who mind
//! money on it.

mod dashboard;
pub mod gateway;
pub mod lines;
pub mod movements;
pub mod shop;
pub mod spreadsheet;
pub mod stage;
pub mod stored_key;
