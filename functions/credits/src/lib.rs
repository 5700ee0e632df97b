//! GET /api/credits: what an organization has or had, and what it can buy.

pub mod handler;
mod status;
