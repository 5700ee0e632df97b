//! The function audience-purchase-status.
