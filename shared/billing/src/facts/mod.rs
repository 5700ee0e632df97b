//! What Stripe states in an event, a read or a response, and where each statement comes from.
//!
//! Owns the webhook and which room decides which fact. Must not know how that room decides. Reading a fact is pure,
//! and every room may use it.

pub(crate) mod amounts;
pub(crate) mod decide;
pub(crate) mod metadata;
pub(crate) mod object_id;
pub(crate) mod outcome;
pub(crate) mod read;
pub(crate) mod source;
pub(crate) mod webhook;

use crate::{
    Orders, Parts, TopUp, reversals::RefundsAndDisputes, review::queue::ReviewQueue,
    subscriptions::Subscriptions,
};
use ledger::Ledger;
use std::sync::Arc;
use stripe_client::Stripe;
use terms::Clock;

pub struct Facts {
    ledger: Ledger,
    stripe: Stripe,
    orders: Arc<Orders>,
    subscriptions: Arc<Subscriptions>,
    top_up: Arc<TopUp>,
    reversals: Arc<RefundsAndDisputes>,
    review_queue: Arc<ReviewQueue>,
    clock: Clock,
}

impl Facts {
    pub(crate) fn new(
        parts: &Parts,
        orders: Arc<Orders>,
        subscriptions: Arc<Subscriptions>,
        top_up: Arc<TopUp>,
        reversals: Arc<RefundsAndDisputes>,
        review_queue: Arc<ReviewQueue>,
    ) -> Self {
        Self {
            ledger: parts.ledger.clone(),
            stripe: parts.stripe.clone(),
            orders,
            subscriptions,
            top_up,
            reversals,
            review_queue,
            clock: parts.clock.clone(),
        }
    }
}
