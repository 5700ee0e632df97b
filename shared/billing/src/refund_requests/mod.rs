//! Refunds of unused credits: an owner requests, finance decides, Stripe pays.
//!
//! Owns the request, its hold, and the one request to Stripe. Must not know what the refund does to the books: that
//! is for `reversals`.

pub(crate) mod ask;
pub(crate) mod decide;
pub(crate) mod hold;
pub(crate) mod list;
pub(crate) mod pay;
pub(crate) mod request;

use crate::{Parts, fraud_warnings::FraudWarnings, reversals::RefundsAndDisputes};
use ledger::Ledger;
use std::sync::Arc;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

pub struct RefundRequests {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
    fraud_warnings: Arc<FraudWarnings>,
    reversals: Arc<RefundsAndDisputes>,
    livemode: bool,
    clock: Clock,
}

impl RefundRequests {
    pub(crate) fn new(
        parts: &Parts,
        fraud_warnings: Arc<FraudWarnings>,
        reversals: Arc<RefundsAndDisputes>,
    ) -> Self {
        Self {
            ledger: parts.ledger.clone(),
            work: parts.work.clone(),
            stripe: parts.stripe.clone(),
            fraud_warnings,
            reversals,
            livemode: parts.livemode,
            clock: parts.clock.clone(),
        }
    }
}
