//! The function audience-purchase.
fn main() {}
