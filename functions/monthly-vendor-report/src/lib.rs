//! The function monthly-vendor-report.
