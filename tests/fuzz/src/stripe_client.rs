//! The part of `shared/vendors/stripe` that reads what arrives: the same files, compiled here once more with coverage.

#[path = "../../../shared/vendors/stripe/src/event.rs"]
pub mod event;
#[path = "../../../shared/vendors/stripe/src/objects/mod.rs"]
#[allow(dead_code, reason = "the lists and answers that use the rest are not compiled here")]
mod objects;
#[path = "../../../shared/vendors/stripe/src/signature.rs"]
pub mod signature;
#[path = "../../../shared/vendors/stripe/src/words.rs"]
mod words;

pub use objects::{Charge, CheckoutSession, Dispute, Invoice, PaymentIntent, Refund, Subscription};
pub use words::{
    BillingReason, DisputeStatus, InvoiceStatus, PaymentIntentStatus, PaymentStatus, RefundStatus,
    SessionMode, SessionStatus, SubscriptionStatus,
};
