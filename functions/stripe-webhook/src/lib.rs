//! POST /api/stripe/webhook: Stripe's signed events. Nobody is signed in; the signature is the caller.

pub mod handler;
