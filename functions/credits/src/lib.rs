//! GET /api/credits: what an organization has, and what it can buy.

pub mod handler;
