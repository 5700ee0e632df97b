//! Auto top-up: a saved card buys credits when they run low.
//!
//! One record per organization holds what the owner set and the one charge in flight, so that its conditional
//! writes are what keeps a second charge away and the monthly cap in force, whatever runs at once. The order
//! records intent, card and time before Stripe is asked; the same key is sent for 20 hours, and afterwards, or
//! once it is off or paused, the customer's payments are searched for it: never a new charge for that order.
//!
//! Must not know refunds and disputes: the room that reverses credits writes the pause with them.

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

/// Auto top-up of every organization.
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

/// What one check of an organization's auto top-up led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopUpOutcome {
    /// Off, paused, waiting, or enough credits.
    NotNeeded,
    /// The monthly cap leaves too little.
    CapReached,
    /// No card is saved.
    NoCard,
    /// Credits were bought.
    Bought,
    /// The charge did not come about; the owner is alerted.
    Failed,
    /// Stripe is still at it.
    UnderWay,
}
