//! Early fraud warnings: the unspent credits of the purchase are held until finance decides.
//!
//! Must not know refunds and disputes: a room that returns credits to a purchase under a warning has it guarded here
//! first, and the returned credits held afterwards.

pub(crate) mod hold;
pub(crate) mod lift;
pub(crate) mod standing;
pub(crate) mod state;
pub(crate) mod warning;

use crate::{Parts, payments::Payments, review::queue::ReviewQueue};
use ledger::Ledger;
use std::sync::Arc;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

pub(crate) struct FraudWarnings {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
    payments: Arc<Payments>,
    review_queue: Arc<ReviewQueue>,
    livemode: bool,
    clock: Clock,
}

impl FraudWarnings {
    pub(crate) fn new(parts: &Parts, payments: Arc<Payments>, review_queue: Arc<ReviewQueue>) -> Self {
        Self {
            ledger: parts.ledger.clone(),
            work: parts.work.clone(),
            stripe: parts.stripe.clone(),
            payments,
            review_queue,
            livemode: parts.livemode,
            clock: parts.clock.clone(),
        }
    }
}
