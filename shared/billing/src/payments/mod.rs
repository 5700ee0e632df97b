//! Which grant a payment belongs to, and reading an order at Stripe, however it is paid.
//!
//! Must not know refunds, disputes or warnings: they find here which grant they are about.

pub(crate) mod find;
pub(crate) mod grant;

use crate::{Orders, Parts, TopUp, subscriptions::Subscriptions};
use ledger::Ledger;
use std::sync::Arc;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

pub(crate) struct Payments {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
    orders: Arc<Orders>,
    top_up: Arc<TopUp>,
    subscriptions: Arc<Subscriptions>,
    livemode: bool,
    clock: Clock,
}

impl Payments {
    pub(crate) fn new(
        parts: &Parts,
        orders: Arc<Orders>,
        top_up: Arc<TopUp>,
        subscriptions: Arc<Subscriptions>,
    ) -> Self {
        Self {
            ledger: parts.ledger.clone(),
            work: parts.work.clone(),
            stripe: parts.stripe.clone(),
            orders,
            top_up,
            subscriptions,
            livemode: parts.livemode,
            clock: parts.clock.clone(),
        }
    }
}
