//! What Stripe states, in an event, a read or an answer, and where each statement comes from.

pub(crate) mod amounts;
pub(crate) mod decide;
pub(crate) mod metadata;
pub(crate) mod object_id;
pub(crate) mod outcome;
pub(crate) mod read;
pub(crate) mod source;
pub(crate) mod webhook;
