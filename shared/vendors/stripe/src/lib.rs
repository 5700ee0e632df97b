//! Stripe: requests, webhook signatures and the facts of its events.
//!
//! Owns the wire: async-stripe's typed requests over a transport of our own (`transport`), the signature of a webhook
//! (`signature`), and the few fields of Stripe's objects that any decision needs (`objects`, `event`). Must not know:
//! orders, organizations, credits, the ledger.
//!
//! The caller makes the [`reqwest::Client`], one for the process: a rustls provider installed, no redirects
//! (`redirect::Policy::none()`), a connect time-out of 10 s. This crate limits each attempt to 10 s.
//!
//! Contract: docs.stripe.com/api, the version that async-stripe pins ([`api_version`]).

pub mod event;
mod failure;
mod objects;
mod requests;
pub mod signature;
mod transport;
mod words;

pub use failure::{NotUsable, Refusal, StripeFailure};
pub use objects::{
    Charge, CheckoutSession, Dispute, EarlyFraudWarning, Invoice, InvoicePayment, PaymentIntent,
    PaymentMethod, Refund, Subscription, TotalDetails,
};
pub use requests::{CreditCheckout, EventPage, EventQuery, NewCustomer, NewRefund, OffSessionCharge, Stripe};
pub use transport::{ATTEMPTS_MAX, RetryPauses, Transport};
pub use words::{
    BillingReason, DisputeStatus, InvoiceStatus, PaymentIntentStatus, PaymentStatus, RefundStatus,
    SessionMode, SessionStatus, SubscriptionStatus,
};

/// The API version of every request. The webhook endpoint must be created with the same one, as Stripe renders an
/// event in the version of its endpoint (docs.stripe.com/webhooks, "API versioning").
pub fn api_version() -> String {
    stripe_client_core::VERSION.to_string()
}
