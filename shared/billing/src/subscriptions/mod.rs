//! Subscriptions: what their invoices grant, and where they stand at Stripe.

pub(crate) mod eligibility;
pub(crate) mod expiry;
pub(crate) mod grant;
pub(crate) mod invoice;
pub(crate) mod plan;
pub(crate) mod status;
