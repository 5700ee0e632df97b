//! Stripe facts to ledger commands: customers, orders of credits, subscription grants.
//!
//! Owns the order and its states, and which fact of Stripe's moves how many credits. Our order decides
//! organization and amount; what Stripe's metadata says may only name it. Knows nothing of HTTP, of
//! contacts or of postcards.

mod adjustments;
mod customers;
mod error;
mod facts;
mod finance_alarms;
mod fraud_warnings;
mod imports;
pub mod limits;
mod orders;
mod payments;
mod recovery;
mod refund_requests;
mod reversals;
mod review;
#[cfg(test)]
mod stored_tests;
mod subscriptions;
mod top_up;
mod views;
mod wiring;

pub use adjustments::{Adjustment, AdjustmentReason, AdjustmentRefusal, adjust};
pub use customers::Customers;
pub use error::BillingFailure;
pub use facts::{
    object_id::{StripeObjectId, StripeObjectKind},
    outcome::FactOutcome,
    webhook::{WebhookRefusal, receive_webhook},
};
pub use fraud_warnings::state::{Freeze, FreezeStep};
pub use imports::{ImportRow, import_row};
pub use limits::{CONTENTION_LASTS, OPEN_ORDERS_MAX};
pub use orders::Orders;
pub use orders::checkout::{CheckoutPage, CheckoutRefusal, PurchaseRequest};
pub use orders::order::{Grant, Order, OrderKind, OrderStatus};
pub use recovery::run::Recovered;
pub use refund_requests::request::{
    NewRefundRequest, Reason, RefundDecision, RefundRefusal, RefundRequest, RefundRequestStatus,
};
pub use reversals::{
    Appeal,
    reversal::{DisputeFreeze, Reversal, ReversalCourse, ReversedCredits},
    state::{GrantTerms, ReversalFact, ReversalStep, ReversalTransition, Reversals},
};
pub use review::decision::{ReviewDecision, ReviewRefusal};
pub use review::queue::{ManualReview, ReviewOutcome};
pub use review::reason::ReviewReason;
pub use subscriptions::expiry::{ExpiryNotice, on_expiry_notice};
pub use subscriptions::grant::SubscriptionGrant;
pub use subscriptions::plan::{Plan, PlanError};
pub use subscriptions::status::MirroredSubscription;
pub use top_up::{
    AutoTopUp, InFlight, Pause, TopUp, TopUpMessage, TopUpOutcome, TopUpRefusal, TopUpSettings, TopUpView,
    on_crossing, set_alert_levels, set_auto_top_up,
};
pub use views::{
    Bought, InvoiceView, Listed, OrderView, RefundView, bought, listed_refund_requests, manual_reviews,
};
pub use wiring::{StripeKeys, connect, connect_parts};

use ledger::Ledger;
use payments::Payments;
use review::queue::ReviewQueue;
use stripe_client::Stripe;
use subscriptions::Subscriptions;
use tables::WorkTable;
use terms::Clock;

/// What billing works with.
#[derive(Clone)]
pub struct Parts {
    /// The ledger.
    pub ledger: Ledger,
    /// The business records.
    pub work: WorkTable,
    /// Stripe.
    pub stripe: Stripe,
    /// The subscription's grants.
    pub plan: Plan,
    /// Where the console stands, without a trailing slash; empty where it is that of a request.
    pub app_url: String,
    /// Whether this stage takes real money; facts of the other mode go to manual review.
    pub livemode: bool,
    /// The present time.
    pub clock: Clock,
}

/// The rooms of billing, put together.
#[derive(Clone)]
pub struct Billing {
    pub(crate) ledger: Ledger,
    /// The business records.
    pub work: WorkTable,
    pub(crate) stripe: Stripe,
    pub(crate) livemode: bool,
    /// The present time.
    pub clock: Clock,
    pub(crate) review_queue: ReviewQueue,
    /// Customers at Stripe.
    pub customers: Customers,
    /// Orders of credits.
    pub orders: Orders,
    /// Auto top-up.
    pub top_up: TopUp,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) payments: Payments,
}

impl Billing {
    /// The rooms over these parts, lowest first.
    #[must_use]
    pub fn over(parts: Parts) -> Self {
        let review_queue = ReviewQueue::new(parts.work.clone(), parts.clock.clone());
        let customers = Customers::new(parts.ledger.clone(), parts.work.clone(), parts.stripe.clone());
        let orders = Orders::new(&parts, customers.clone(), review_queue.clone());
        let subscriptions = Subscriptions::new(&parts, review_queue.clone());
        let top_up = TopUp::new(&parts, customers.clone(), orders.clone(), review_queue.clone());
        let payments = Payments::new(&parts, orders.clone(), top_up.clone(), subscriptions.clone());
        let Parts { ledger, work, stripe, livemode, clock, .. } = parts;
        Self {
            ledger,
            work,
            stripe,
            livemode,
            clock,
            review_queue,
            customers,
            orders,
            top_up,
            subscriptions,
            payments,
        }
    }
}
