//! POST /api/audience/count: how many people match, and what they would cost. Free.

pub mod handler;
