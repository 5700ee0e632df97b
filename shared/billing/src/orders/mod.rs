//! Orders of credits: placed, paid on a Checkout page or by a saved card, granted.

pub(crate) mod checkout;
pub(crate) mod grant;
pub(crate) mod order;
pub(crate) mod session;
