//! Refunds of unused credits: an owner asks, finance decides, Stripe pays.

mod flow;
pub(crate) mod request;
