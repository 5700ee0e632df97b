//! POST /api/audience/purchase: holds the credits, records the purchase, has it fetched.

pub mod handler;
mod order;
mod refusals;
