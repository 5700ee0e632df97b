//! Subscriptions: what their invoices grant, and where they stand at Stripe.

mod eligibility;
pub(crate) mod expiry;
pub(crate) mod grant;
mod invoice;
pub(crate) mod plan;
mod review;
pub(crate) mod status;
