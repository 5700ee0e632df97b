//! Early fraud warnings: what is left of the purchase is held until finance decides.

pub(crate) mod hold;
pub(crate) mod lift;
pub(crate) mod standing;
pub(crate) mod state;
pub(crate) mod warning;
