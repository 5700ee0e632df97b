//! The function audience-purchase.
