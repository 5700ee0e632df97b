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
    Facts,
    object_id::{StripeObjectId, StripeObjectKind},
    outcome::FactOutcome,
    webhook::WebhookRefusal,
};
pub use fraud_warnings::state::{Freeze, FreezeStep};
pub use imports::{ImportRow, import_row};
pub use limits::{CONTENTION_LASTS, OPEN_ORDERS_MAX};
pub use orders::Orders;
pub use orders::checkout::{CheckoutPage, CheckoutRefusal, PurchaseRequest};
pub use orders::order::{Grant, Order, OrderKind, OrderStatus};
pub use recovery::{Recovery, run::Recovered};
pub use refund_requests::{
    RefundRequests,
    request::{
        NewRefundDecision, NewRefundRequest, Reason, RefundDecision, RefundRefusal, RefundRequest,
        RefundRequestStatus,
    },
};
pub use reversals::{
    Appeal,
    reversal::{DisputeFreeze, Reversal, ReversalCourse, ReversedCredits},
    state::{GrantTerms, ReversalFact, ReversalStep, ReversalTransition, Reversals},
};
pub use review::Review;
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
pub use views::{Bought, InvoiceView, Listed, OrderView, RefundView, bought};
pub use wiring::{StripeKeys, connect, connect_parts};

use fraud_warnings::FraudWarnings;
use ledger::Ledger;
use payments::Payments;
use reversals::RefundsAndDisputes;
use review::queue::ReviewQueue;
use std::sync::Arc;
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

/// The rooms of billing, put together. Functions have it; no room does.
#[derive(Clone)]
pub struct Billing {
    /// Organizations as customers at Stripe.
    pub customers: Arc<Customers>,
    /// Orders of credits.
    pub orders: Arc<Orders>,
    /// Auto top-up.
    pub top_up: Arc<TopUp>,
    /// Requests for refunds.
    pub refund_requests: Arc<RefundRequests>,
    /// Manual review.
    pub review: Arc<Review>,
    /// What Stripe states.
    pub facts: Arc<Facts>,
    /// What webhooks did not bring.
    pub recovery: Arc<Recovery>,
}

impl Billing {
    /// The rooms over these parts, lowest first: each knows those before it.
    #[must_use]
    pub fn over(parts: &Parts) -> Self {
        let queue = Arc::new(ReviewQueue::new(parts));
        let customers = Arc::new(Customers::new(parts));
        let orders = Arc::new(Orders::new(parts, customers.clone(), queue.clone()));
        let subscriptions = Arc::new(Subscriptions::new(parts, queue.clone()));
        let top_up = Arc::new(TopUp::new(parts, customers.clone(), orders.clone(), queue.clone()));
        let payments = Arc::new(Payments::new(parts, orders.clone(), top_up.clone(), subscriptions.clone()));
        let warnings = Arc::new(FraudWarnings::new(parts, payments.clone(), queue.clone()));
        let reversals =
            Arc::new(RefundsAndDisputes::new(parts, payments.clone(), warnings.clone(), queue.clone()));
        let refund_requests = Arc::new(RefundRequests::new(parts, warnings.clone(), reversals.clone()));
        let review = Arc::new(Review::new(
            parts,
            orders.clone(),
            subscriptions.clone(),
            top_up.clone(),
            warnings,
            reversals.clone(),
            queue.clone(),
        ));
        let facts = Arc::new(Facts::new(
            parts,
            orders.clone(),
            subscriptions.clone(),
            top_up.clone(),
            reversals.clone(),
            queue,
        ));
        let recovery = Arc::new(Recovery::new(
            parts,
            facts.clone(),
            payments,
            subscriptions,
            top_up.clone(),
            reversals,
            refund_requests.clone(),
        ));
        Self { customers, orders, top_up, refund_requests, review, facts, recovery }
    }
}
