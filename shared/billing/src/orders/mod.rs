//! Orders of credits: placed, paid on a Checkout page or by a saved card, granted.
//!
//! Owns the order and its states. Must not know auto top-up, refunds, or where a Stripe fact comes from.

pub(crate) mod checkout;
pub(crate) mod grant;
pub(crate) mod order;
pub(crate) mod read;
pub(crate) mod session;

use crate::{Customers, Parts, review::queue::ReviewQueue};
use ledger::Ledger;
use std::sync::Arc;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

/// Orders of credits.
pub struct Orders {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
    customers: Arc<Customers>,
    review_queue: Arc<ReviewQueue>,
    livemode: bool,
    clock: Clock,
}

impl Orders {
    pub(crate) fn new(parts: &Parts, customers: Arc<Customers>, review_queue: Arc<ReviewQueue>) -> Self {
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
