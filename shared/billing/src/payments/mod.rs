//! Which grant a payment belongs to.

pub(crate) mod find;
pub(crate) mod grant;
pub(crate) mod read;
