//! Refunds and disputes: the credits that they reverse, and that are reinstated afterwards.
//!
//! Owns the steps on the books of a grant whose payment is refunded or disputed. Must not know how a refund is
//! requested and decided, or where a Stripe fact comes from.

mod appeal;
#[cfg(test)]
mod appeal_tests;
pub(crate) mod apply;
pub(crate) mod dispute;
pub(crate) mod dispute_state;
pub(crate) mod imported;
pub(crate) mod lots;
pub(crate) mod movements;
pub(crate) mod read;
pub(crate) mod refund;
pub(crate) mod refund_state;
pub(crate) mod reported;
pub(crate) mod reversal;
pub(crate) mod state;
pub(crate) mod taken_again;
pub(crate) mod warning;

pub use appeal::Appeal;

use crate::{Parts, fraud_warnings::FraudWarnings, payments::Payments, review::queue::ReviewQueue};
use ledger::Ledger;
use std::sync::Arc;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

pub(crate) struct RefundsAndDisputes {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
    payments: Arc<Payments>,
    fraud_warnings: Arc<FraudWarnings>,
    review_queue: Arc<ReviewQueue>,
    livemode: bool,
    clock: Clock,
}

impl RefundsAndDisputes {
    pub(crate) fn new(
        parts: &Parts,
        payments: Arc<Payments>,
        fraud_warnings: Arc<FraudWarnings>,
        review_queue: Arc<ReviewQueue>,
    ) -> Self {
        Self {
            ledger: parts.ledger.clone(),
            work: parts.work.clone(),
            stripe: parts.stripe.clone(),
            payments,
            fraud_warnings,
            review_queue,
            livemode: parts.livemode,
            clock: parts.clock.clone(),
        }
    }
}
