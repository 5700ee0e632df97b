//! The function contact-fetcher.
fn main() {}
