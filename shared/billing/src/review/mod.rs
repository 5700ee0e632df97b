//! Manual review: what a person has to decide before money moves, and the decision.
//!
//! Owns the queue, to which every room may add, and finance's decisions. Must not know how a decision is carried out:
//! that is for the room that the fact belongs to.

pub(crate) mod decide;
pub(crate) mod decision;
pub(crate) mod grant;
pub(crate) mod queue;
pub(crate) mod reason;

use crate::{
    Orders, Parts, TopUp, fraud_warnings::FraudWarnings, reversals::RefundsAndDisputes,
    review::queue::ReviewQueue, subscriptions::Subscriptions,
};
use ledger::Ledger;
use std::sync::Arc;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

pub struct Review {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
    orders: Arc<Orders>,
    subscriptions: Arc<Subscriptions>,
    top_up: Arc<TopUp>,
    fraud_warnings: Arc<FraudWarnings>,
    reversals: Arc<RefundsAndDisputes>,
    review_queue: Arc<ReviewQueue>,
    livemode: bool,
    clock: Clock,
}

impl Review {
    pub(crate) fn new(
        parts: &Parts,
        orders: Arc<Orders>,
        subscriptions: Arc<Subscriptions>,
        top_up: Arc<TopUp>,
        fraud_warnings: Arc<FraudWarnings>,
        reversals: Arc<RefundsAndDisputes>,
        review_queue: Arc<ReviewQueue>,
    ) -> Self {
        Self {
            ledger: parts.ledger.clone(),
            work: parts.work.clone(),
            stripe: parts.stripe.clone(),
            orders,
            subscriptions,
            top_up,
            fraud_warnings,
            reversals,
            review_queue,
            livemode: parts.livemode,
            clock: parts.clock.clone(),
        }
    }
}
