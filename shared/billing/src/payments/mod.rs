//! Which grant a payment belongs to.

pub(crate) mod find;
