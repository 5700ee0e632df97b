//! Orders of credits: placed, paid on a Checkout page or by a saved card, granted.
//!
//! Owns the order and its states. Must not know who tops up, what is refunded, or how a fact of Stripe's reached us.

pub(crate) mod checkout;
pub(crate) mod grant;
pub(crate) mod order;
pub(crate) mod read;
pub(crate) mod session;

use crate::{Customers, review::queue::ReviewQueue};
use ledger::Ledger;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

/// Orders of credits.
#[derive(Clone)]
pub struct Orders {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
    customers: Customers,
    review_queue: ReviewQueue,
    livemode: bool,
    clock: Clock,
}

impl Orders {
    pub(crate) fn new(parts: &crate::Parts, customers: Customers, review_queue: ReviewQueue) -> Self {
        Self {
            ledger: parts.ledger.clone(),
            work: parts.work.clone(),
            stripe: parts.stripe.clone(),
            customers,
            review_queue,
            livemode: parts.livemode,
            clock: parts.clock.clone(),
        }
    }
}
