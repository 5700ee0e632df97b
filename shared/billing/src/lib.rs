//! Stripe facts to ledger commands: customers, orders of credits, subscription grants.
//!
//! Owns the order and its states, and which fact of Stripe's moves how many credits. Our order decides
//! organization and amount; what Stripe's metadata says may only name it. Knows nothing of HTTP, of
//! contacts or of postcards.

mod adjustments;
mod customers;
mod error;
mod facts;
mod finance_alarms;
mod fraud_warnings;
mod imports;
pub mod limits;
mod orders;
mod payments;
mod recovery;
mod refund_requests;
mod reversals;
mod review;
mod subscriptions;
mod top_up;
mod views;
mod wiring;

pub use adjustments::{Adjustment, AdjustmentReason, AdjustmentRefusal, adjust};
pub use error::BillingFailure;
pub use facts::{
    outcome::WebhookAnswer,
    webhook::{WebhookRefusal, receive_webhook},
};
pub use fraud_warnings::state::{Freeze, FreezeStep};
pub use imports::{OpeningRow, bring_over};
pub use limits::{CONTENTION_LASTS, OPEN_ORDERS_MAX};
pub use orders::checkout::{CheckoutAnswer, CheckoutRefusal, PurchaseRequest, purchase_credits};
pub use orders::order::{GrantedFor, Order, OrderKind, OrderStatus};
pub use recovery::run::Recovered;
pub use refund_requests::request::{
    Decision, Reason, RefundAsked, RefundRefusal, RefundRequest, RefundStatus,
};
pub use reversals::{
    Appeal,
    state::{News, Next, Reversal, Reversals, Step, Terms},
};
pub use review::decision::{Resolve, ResolveRefusal};
pub use review::queue::{Quarantined, Resolution};
pub use review::reason::Quarantine;
pub use subscriptions::expiry::{is_expiry_notice, on_expiry_notice};
pub use subscriptions::grant::SubscriptionGrant;
pub use subscriptions::plan::{Plan, PlanError};
pub use subscriptions::status::Standing;
pub use top_up::{
    AutoTopUp, InFlight, Pause, TopUpAnswer, TopUpMessage, TopUpRefused, TopUpSettings, TopUpView,
    on_crossing, set_alert_levels, set_auto_top_up,
};
pub use views::{
    Bought, InvoiceView, Listed, OrderView, RefundView, bought, quarantined_facts, refund_requests,
};
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
    /// Where the console stands, without a trailing slash; empty where it is that of a request.
    pub app_url: String,
    /// Whether this stage takes real money; facts of the other kind are quarantined.
    pub livemode: bool,
    /// The present time.
    pub clock: Clock,
}
