//! GET /api/campaigns/{id}/print: how far a campaign's print job is.

pub mod handler;
