//! What webhooks did not deliver: Stripe's events listed again, open objects read again.
//!
//! Owns the cursor of the events and the order of due objects. Must not know what an object means: the rooms that
//! webhooks reach decide it, under the same causes.

pub(crate) mod due;
pub(crate) mod event;
pub(crate) mod postpone;
pub(crate) mod run;
pub(crate) mod walk;

use crate::{
    Facts, Parts, RefundRequests, TopUp, payments::Payments, reversals::RefundsAndDisputes,
    subscriptions::Subscriptions,
};
use std::sync::Arc;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

pub struct Recovery {
    work: WorkTable,
    stripe: Stripe,
    facts: Arc<Facts>,
    payments: Arc<Payments>,
    subscriptions: Arc<Subscriptions>,
    top_up: Arc<TopUp>,
    reversals: Arc<RefundsAndDisputes>,
    refund_requests: Arc<RefundRequests>,
    livemode: bool,
    clock: Clock,
}

impl Recovery {
    pub(crate) fn new(
        parts: &Parts,
        facts: Arc<Facts>,
        payments: Arc<Payments>,
        subscriptions: Arc<Subscriptions>,
        top_up: Arc<TopUp>,
        reversals: Arc<RefundsAndDisputes>,
        refund_requests: Arc<RefundRequests>,
    ) -> Self {
        Self {
            work: parts.work.clone(),
            stripe: parts.stripe.clone(),
            facts,
            payments,
            subscriptions,
            top_up,
            reversals,
            refund_requests,
            livemode: parts.livemode,
            clock: parts.clock.clone(),
        }
    }
}
