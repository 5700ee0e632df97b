//! Early fraud warnings: what is left of the purchase is held until finance decides.

pub(crate) mod state;
mod warning;
