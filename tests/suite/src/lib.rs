//! Tests across crates: handlers, flows, the direction of the crates.
