//! Fetches the contacts of a purchase, from the queue of purchases.

pub mod handler;
