//! A month's vendor report: on the 1st by schedule, and whenever finance asks for it.
//!
//! POST /api/admin/vendor-costs/report and the schedule's event come to the same binary.

pub mod event;
pub mod handler;
