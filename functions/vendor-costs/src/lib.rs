//! GET /api/admin/vendor-costs: what the vendors may bill month by month, for finance alone.

pub mod handler;
