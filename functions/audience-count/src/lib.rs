//! The function audience-count.
