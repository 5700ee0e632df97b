//! GET /api/audience/purchases/{id}: how a purchase stands, and its contacts as a file.

pub mod handler;
