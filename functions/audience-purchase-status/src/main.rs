//! The function audience-purchase-status.
fn main() {}
