//! POST /api/stripe/purchase-credits: an order of credits and its payment page.

pub mod handler;
mod refusals;
