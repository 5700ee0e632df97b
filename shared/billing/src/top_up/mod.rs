//! Auto top-up: a saved card buys credits when they run low.
//!
//! One record per organization holds the owner's settings and the one charge in flight: its conditional writes
//! prevent a second charge and enforce the monthly cap, whatever runs at once. The order records intent, card and
//! time before the request to Stripe. The same key is sent for 20 hours; afterwards, or once auto top-up is off or
//! paused, the customer's payments are searched for the charge, and a new one is never made for that order.
//!
//! Must not know what is refunded or disputed: whatever reverses credits writes a pause with it.

pub(crate) mod charge;
mod charge_failure;
pub(crate) mod crossing;
pub(crate) mod decide;
pub(crate) mod outcome;
pub(crate) mod pause;
pub(crate) mod settings;
pub(crate) mod watch;

pub use crossing::{TopUpMessage, on_crossing};
pub use settings::{AutoTopUp, InFlight, Pause, TopUpRefusal, TopUpSettings, TopUpView, set_auto_top_up};
pub use watch::set_alert_levels;

use crate::{BillingFailure, Customers, Orders, Parts, review::queue::ReviewQueue};
use ledger::Ledger;
use std::sync::Arc;
use stripe_client::Stripe;
use tables::{Stored, WorkTable};
use terms::{Clock, OrganizationId};

pub struct TopUp {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
    customers: Arc<Customers>,
    orders: Arc<Orders>,
    review_queue: Arc<ReviewQueue>,
    /// Empty where the console's address is that of a request.
    app_url: String,
    livemode: bool,
    clock: Clock,
}

impl TopUp {
    pub(crate) fn new(
        parts: &Parts,
        customers: Arc<Customers>,
        orders: Arc<Orders>,
        review_queue: Arc<ReviewQueue>,
    ) -> Self {
        Self {
            ledger: parts.ledger.clone(),
            work: parts.work.clone(),
            stripe: parts.stripe.clone(),
            customers,
            orders,
            review_queue,
            app_url: parts.app_url.clone(),
            livemode: parts.livemode,
            clock: parts.clock.clone(),
        }
    }

    async fn record(
        &self,
        organization: &OrganizationId,
    ) -> Result<Option<Stored<AutoTopUp>>, BillingFailure> {
        Ok(self.work.get(&AutoTopUp::key_of(organization)).await?)
    }
}

/// The outcome of one check of auto top-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopUpOutcome {
    /// Off, paused, waiting, or enough credits.
    NotNeeded,
    /// The monthly cap leaves too little.
    CapReached,
    /// No card is saved.
    NoCard,
    Bought,
    /// The charge was not completed; the owner is alerted.
    Failed,
    /// Stripe is still processing it.
    UnderWay,
}
