//! What the tests across crates share: gateway events, and a stage with money coming in.

pub mod gateway;
pub mod stage;
