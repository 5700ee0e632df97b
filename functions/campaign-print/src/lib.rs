//! POST /api/campaigns/{id}/print: holds the credits of a print job and places it.

pub mod handler;
mod refusals;
