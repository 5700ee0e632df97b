//! A refund request and its states.
//!
//! A decision holds the credits of that purchase's lot alone before the request to Stripe. The refund's own facts
//! settle the hold, whichever comes first: Stripe's response, its webhook, or recovery. The request's id is in the
//! refund's metadata; its key is sent for 20 hours, afterwards the payment's refunds are searched for it.

use crate::BillingFailure;
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Key, Lane, Record};
use terms::{Actor, OrderId, OrganizationId, PersonText, RefundRequestId, Timestamp};

/// The partition of all organizations' requests, for finance's list.
pub(crate) const REFUND_REQUESTS: &str = "REFUND-REQUESTS";

/// The words of a person who requests a refund or decides on one.
pub type Reason = PersonText<500>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefundRequestStatus {
    Requested,
    Declined,
    /// The credits are held, and the refund is requested from Stripe.
    Approved,
    /// The money is on its way and the credits are reversed.
    Refunded,
    /// Stripe refused, or the refund failed: the credits are available again.
    Failed,
}

/// An owner's request for a refund of unused credits of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundRequest {
    /// The id of the hold too, and Stripe's idempotency key.
    pub id: RefundRequestId,
    pub organization: OrganizationId,
    pub order_id: OrderId,
    /// In USD.
    pub amount: Money,
    /// Whether the request named no amount, so that it is for all that was unused then; `None` in older requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<bool>,
    pub reason: Reason,
    pub actor: Actor,
    pub requested_at: Timestamp,
    pub status: RefundRequestStatus,
    /// The credits that are held for it; `None`: as many as dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<RefundDecision>,
    /// The payment to refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_intent: Option<String>,
    /// Stripe's refund, `re_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Recovery's next check.
    #[serde(rename = "lookAt", default, skip_serializing_if = "Option::is_none")]
    pub next_check: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundDecision {
    pub approved: bool,
    pub reason: Reason,
    pub actor: Actor,
    /// The key is sent from then on.
    pub decided_at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct NewRefundDecision {
    pub approved: bool,
    pub reason: Reason,
    pub actor: Actor,
}

impl RefundRequest {
    #[must_use]
    pub fn key_of(organization: &OrganizationId, id: &RefundRequestId) -> Key {
        Key::new(REFUND_REQUESTS, format!("{organization}#{id}"))
    }

    /// Whether there is a hold of at least this many credits for it.
    pub(crate) fn holds(&self, credits: Money) -> bool {
        self.status == RefundRequestStatus::Approved && credits <= self.credits.unwrap_or(self.amount)
    }

    /// The credits were reversed for Stripe's refund.
    pub(crate) fn refunded(&self, refund: &str) -> Self {
        let refund = Some(refund.to_owned());
        Self { status: RefundRequestStatus::Refunded, refund, next_check: None, ..self.clone() }
    }

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

#[derive(Debug, Clone)]
pub struct NewRefundRequest {
    pub order_id: OrderId,
    /// `None`: all that is unused of the order.
    pub amount: Option<Money>,
    pub reason: Reason,
    /// The caller's idempotency key.
    pub key: String,
    pub actor: Actor,
}

/// Why a refund cannot be requested or decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    #[error("there is no such order or request")]
    Unknown,
    /// The order's credits were never granted.
    #[error("nothing was paid for this order")]
    NotPaid,
    #[error("at most {unused} of this order is unused")]
    MoreThanUnused { unused: Money },
    #[error("this is worth less than 0.01 credits of the order; {minimum} is worth 0.01")]
    TooSmall {
        /// What 0.01 credits of the order cost, with tax.
        minimum: Money,
    },
    /// The key was used for another request.
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    /// A request for this order waits for finance, or there are too many requests.
    #[error("a request for this order waits for a decision")]
    AskedBefore,
    #[error("this request was decided before")]
    Decided,
    /// Because of a dispute, a deficit or a past-due subscription.
    #[error("the account is frozen")]
    Frozen,
}

pub(super) type RefundRequestResult<T> = Result<Result<T, RefundRefusal>, BillingFailure>;
