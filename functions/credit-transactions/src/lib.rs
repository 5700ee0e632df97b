//! GET /api/credits/transactions: an organization's statement, as pages of JSON or as one CSV.

mod csv;
mod file;
pub mod handler;
mod range;
