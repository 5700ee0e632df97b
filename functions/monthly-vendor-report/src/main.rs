//! The function monthly-vendor-report.
fn main() {}
