//! Manual review: what a person has to decide before money moves, and the decision.

pub(crate) mod decide;
pub(crate) mod decision;
pub(crate) mod grant;
pub(crate) mod queue;
pub(crate) mod reason;
