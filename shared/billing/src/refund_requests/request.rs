//! Refunds of unused credits: the owner asks, finance decides, Stripe pays.
//!
//! A decision holds the credits of that purchase's lot alone before Stripe is asked. The refund's own facts
//! settles the hold, whichever reaches us first: Stripe's answer, its webhook, or recovery. The request's id
//! stands in the refund's metadata; its key is sent for 20 hours, afterwards the payment's refunds are
//! searched for it.

use crate::BillingFailure;
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Key, Lane, Record};
use terms::{Actor, OrderId, OrganizationId, PersonText, RefundRequestId, Timestamp};

/// Where requests stand, all organizations' together: finance works through them.
pub(crate) const REFUND_REQUESTS: &str = "REFUND-REQUESTS";

/// Why somebody asks for a refund, or decides on one, in their words.
pub type Reason = PersonText<500>;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefundRequestStatus {
    /// The owner asked.
    Requested,
    /// Finance said no.
    Declined,
    /// Finance said yes: the credits are held, Stripe is asked.
    Approved,
    /// The money is on its way and the credits are reversed.
    Refunded,
    /// Stripe refused, or the refund failed: the credits are back.
    Failed,
}

/// An owner's request to be refunded unused credits of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundRequest {
    /// Its id, also the hold's and Stripe's idempotency key.
    pub id: RefundRequestId,
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// Of which order.
    pub order_id: OrderId,
    /// How much, in USD.
    pub amount: Money,
    /// Whether the request named no amount, so that it is of all that was unused then; `None` in older requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<bool>,
    /// Why, in the owner's words.
    pub reason: Reason,
    /// Who asked.
    pub actor: Actor,
    /// When.
    pub requested_at: Timestamp,
    /// Where it stands.
    pub status: RefundRequestStatus,
    /// The credits that are held for it; `None`: as many as dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<Money>,
    /// What finance said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<RefundDecision>,
    /// The payment that is refunded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_intent: Option<String>,
    /// Stripe's refund, `re_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When recovery checks it again.
    #[serde(rename = "lookAt", default, skip_serializing_if = "Option::is_none")]
    pub next_check: Option<Timestamp>,
}

/// Finance's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundDecision {
    /// Whether it is refunded.
    pub approved: bool,
    /// Why.
    pub reason: Reason,
    /// Who.
    pub actor: Actor,
    /// When; the key is sent from then on.
    pub decided_at: Timestamp,
}

/// What finance decides.
#[derive(Debug, Clone)]
pub struct NewRefundDecision {
    /// Whether it is refunded.
    pub approved: bool,
    /// Why.
    pub reason: Reason,
    /// Who.
    pub actor: Actor,
}

impl RefundRequest {
    /// Where a request stands in the `work` table.
    #[must_use]
    pub fn key_of(organization: &OrganizationId, id: &RefundRequestId) -> Key {
        Key::new(REFUND_REQUESTS, format!("{organization}#{id}"))
    }

    /// Whether a hold of at least so many credits stands for it.
    pub(crate) fn holds(&self, credits: Money) -> bool {
        self.status == RefundRequestStatus::Approved && credits <= self.credits.unwrap_or(self.amount)
    }

    /// The credits were reversed for Stripe's refund.
    pub(crate) fn refunded(&self, refund: &str) -> Self {
        let refund = Some(refund.to_owned());
        Self { status: RefundRequestStatus::Refunded, refund, next_check: None, ..self.clone() }
    }

    /// It came to nothing.
    pub(crate) fn failed(&self, why: &str) -> Self {
        Self {
            status: RefundRequestStatus::Failed,
            failure: Some(why.to_owned()),
            next_check: None,
            ..self.clone()
        }
    }
}

impl Record for RefundRequest {
    const KIND: &'static str = "refund-request";
    const LANE: Lane = Lane::Recovery;

    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.next_check
    }
}

/// What an owner asks.
#[derive(Debug, Clone)]
pub struct NewRefundRequest {
    /// Of which order.
    pub order_id: OrderId,
    /// How much; `None`: all that is unused of it.
    pub amount: Option<Money>,
    /// Why.
    pub reason: Reason,
    /// What names the request.
    pub key: String,
    /// Who asks.
    pub actor: Actor,
}

/// Why a refund is not asked for or not decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    /// There is no such order or request.
    #[error("there is no such order or request")]
    Unknown,
    /// The order's credits were never granted.
    #[error("nothing was paid for this order")]
    NotPaid,
    /// More than is unused of it.
    #[error("at most {unused} of this order is unused")]
    MoreThanUnused {
        /// What is unused.
        unused: Money,
    },
    /// So little that it is worth no credits.
    #[error("this is worth less than 0.01 credits of the order; {minimum} is worth 0.01")]
    TooSmall {
        /// What 0.01 credits of the order cost, with tax.
        minimum: Money,
    },
    /// The key names another request.
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    /// A request for this order waits for finance, or there were very many.
    #[error("a request for this order waits for a decision")]
    AskedBefore,
    /// It was decided before.
    #[error("this request was decided before")]
    Decided,
    /// A dispute, a deficit or a past-due subscription stands.
    #[error("the account is frozen")]
    Frozen,
}

pub(super) type RefundRequestResult<T> = Result<Result<T, RefundRefusal>, BillingFailure>;
