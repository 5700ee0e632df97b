//! Stripe facts to ledger commands: customers, orders of credits, subscription grants.
//!
//! Owns the order and its states, and which fact of Stripe's moves how many credits. Our order decides
//! organization and amount; what Stripe's metadata says may only name it. Knows nothing of HTTP, of
//! contacts or of postcards.

mod checkout;
mod customer;
mod failure;
mod kept;
mod order;
mod plan;
mod sessions;
mod subscriptions;
mod webhook;
mod wiring;

pub use checkout::{CheckoutAnswer, CheckoutRefusal, PurchaseRequest, purchase_credits};
pub use failure::BillingFailure;
pub use kept::{Quarantine, Quarantined};
pub use order::{Order, OrderStatus};
pub use plan::{Plan, PlanError};
pub use webhook::{WebhookAnswer, WebhookRefusal, receive_webhook};
pub use wiring::{StripeKeys, WiringFailure, connect};

use ledger::Ledger;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;

/// What billing works with.
#[derive(Clone)]
pub struct Billing {
    /// The ledger.
    pub ledger: Ledger,
    /// The business records.
    pub work: WorkTable,
    /// Stripe.
    pub stripe: Stripe,
    /// The subscription's grants.
    pub plan: Plan,
    /// Whether this stage takes real money; facts of the other kind are quarantined.
    pub livemode: bool,
    /// The present time.
    pub clock: Clock,
}
