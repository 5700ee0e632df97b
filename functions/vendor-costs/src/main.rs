//! The function vendor-costs.
fn main() {}
