//! Refunds of unused credits: an owner asks, finance decides, Stripe pays.

pub(crate) mod ask;
pub(crate) mod decide;
pub(crate) mod hold;
pub(crate) mod pay;
pub(crate) mod request;
