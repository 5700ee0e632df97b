//! The function vendor-costs.
