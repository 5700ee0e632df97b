//! Stripe facts to ledger commands: customers, orders of credits, subscription grants.
//!
//! Owns the order and its states, and which fact of Stripe's moves how many credits. Our order decides
//! organization and amount; what Stripe's metadata says may only name it. Knows nothing of HTTP, of
//! contacts or of postcards.

mod adjustments;
mod barred;
mod by_finance;
mod checkout;
mod customer;
mod expiring;
mod failure;
mod finance_alarms;
mod fraud_warnings;
mod freeze;
mod granting;
mod kept;
pub mod limits;
mod order;
mod parts;
mod payments;
mod plan;
mod postpone;
mod recovery;
mod refunds;
mod resolve;
mod reversals;
mod sessions;
mod sold;
mod standing;
mod subscription_records;
mod subscriptions;
mod takings;
mod told;
mod top_up;
mod views;
mod webhook;
mod wiring;

pub use adjustments::{Adjustment, AdjustmentReason, AdjustmentRefusal, OpeningRow, adjust, bring_over};
pub use checkout::{CheckoutAnswer, CheckoutRefusal, OPEN_ORDERS_MAX, PurchaseRequest, purchase_credits};
pub use expiring::{is_expiry_notice, on_expiry_notice};
pub use failure::BillingFailure;
pub use freeze::{Freeze, FreezeStep};
pub use kept::{Quarantine, Quarantined, Resolution};
pub use order::{GrantedFor, Order, OrderKind, OrderStatus};
pub use plan::{Plan, PlanError};
pub use recovery::Recovered;
pub use refunds::{Decision, Reason, RefundAsked, RefundRefusal, RefundRequest, RefundStatus};
pub use resolve::{Resolve, ResolveRefusal};
pub use reversals::{Appeal, News, Next, Reversal, Reversals, Step, Terms};
pub use standing::Standing;
pub use subscription_records::SubscriptionGrant;
pub use top_up::{
    AutoTopUp, InFlight, Pause, TopUpAnswer, TopUpMessage, TopUpRefused, TopUpSettings, TopUpView,
    on_crossing, set_alert_levels, set_auto_top_up,
};
pub use views::{
    Bought, InvoiceView, Listed, OrderView, RefundView, bought, quarantined_facts, refund_requests,
};
pub use webhook::{CONTENTION_LASTS, WebhookAnswer, WebhookRefusal, receive_webhook};
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
