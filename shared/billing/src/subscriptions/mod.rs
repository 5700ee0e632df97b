//! Subscriptions: what their invoices grant, and their status at Stripe.
//!
//! Owns the grants of invoices, the mirrored status and expiry alerts. Must not know what is refunded or disputed: it
//! says when an invoice left manual review, and its caller reverses what was refunded meanwhile.

pub(crate) mod eligibility;
pub(crate) mod expiry;
pub(crate) mod grant;
pub(crate) mod invoice;
pub(crate) mod plan;
pub(crate) mod status;

use crate::{Parts, Plan, review::queue::ReviewQueue};
use ledger::Ledger;
use std::sync::Arc;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

pub(crate) struct Subscriptions {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
    review_queue: Arc<ReviewQueue>,
    plan: Plan,
    livemode: bool,
    clock: Clock,
}

impl Subscriptions {
    pub(crate) fn new(parts: &Parts, review_queue: Arc<ReviewQueue>) -> Self {
        Self {
            ledger: parts.ledger.clone(),
            work: parts.work.clone(),
            stripe: parts.stripe.clone(),
            review_queue,
            plan: parts.plan,
            livemode: parts.livemode,
            clock: parts.clock.clone(),
        }
    }
}
