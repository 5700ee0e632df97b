//! The function audience-count.
fn main() {}
