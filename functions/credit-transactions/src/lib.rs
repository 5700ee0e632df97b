//! GET /api/credits/transactions: an organization's statement, as pages of JSON or as one CSV.

mod csv;
pub mod handler;
