//! An order of credits and its states.

use crate::{
    Freeze, GrantTerms, Reversals, ReviewReason,
    limits::{
        OPEN_REVERSAL_CHECK_SECONDS, ORDER_CHECK_SECONDS, ORDER_CHECK_SECONDS_MAX, PAGE_CLOSED_SECONDS,
        PAGE_OPENS_SECONDS,
    },
};
use ledger::{Cause, CauseKind, GrantKind};
use money::{Money, MoneyError};
use serde::{Deserialize, Serialize};
use tables::{Key, Lane, Record};
use terms::{Actor, Fingerprint, OrderId, OrganizationId, Timestamp};

/// Why an order failed whose money finance dismissed: it is not looked into again.
pub(crate) const DISMISSED: &str = "dismissed";

/// Where an order stands. The rank moves only what is displayed: whether money is granted depends on the
/// cause alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// The customer has not paid.
    Pending,
    /// A delayed method is under way.
    Processing,
    /// The delayed method, or the top-up's charge, failed.
    Failed,
    /// The page was not completed in time.
    Expired,
    /// The money arrived and the credits are granted.
    Paid,
}

impl OrderStatus {
    /// pending < processing < failed, expired < paid.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Processing => 1,
            Self::Failed | Self::Expired => 2,
            Self::Paid => 3,
        }
    }
}

/// How an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderKind {
    /// By a person on Stripe's page.
    #[default]
    Checkout,
    /// By a saved card, when credits run low.
    TopUp,
}

/// The paid object that an order's credits were granted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// The cause's kind.
    pub kind: CauseKind,
    /// The Stripe object's id.
    pub object: String,
    /// What was paid, in USD, tax included.
    pub paid: Money,
    /// What was granted, in credits.
    pub granted: Money,
    /// What a coupon took off the price, in USD.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub discount: Money,
    /// The tax within what was paid, in USD: no credits are granted for it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tax: Money,
    /// The price that was ordered includes the tax.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tax_included: bool,
}

fn is_zero(amount: &Money) -> bool {
    amount.is_zero()
}

impl Grant {
    /// The cause of the grant.
    #[must_use]
    pub fn cause(&self) -> Cause {
        Cause::new(self.kind, self.object.clone())
    }

    /// The price that was paid: without the tax on top of it.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] out of bounds.
    pub fn price(&self) -> Result<Money, MoneyError> {
        if self.tax_included { Ok(self.paid) } else { self.paid.minus(self.tax) }
    }

    /// What reversals are measured by.
    #[must_use]
    pub fn terms(&self) -> GrantTerms {
        GrantTerms { paid: self.paid, granted: self.granted }
    }
}

/// An order of credits. It decides organization and amount of whatever Stripe reports about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// Its id, also Stripe's idempotency key and `client_reference_id`.
    pub order_id: OrderId,
    /// How it is paid.
    #[serde(default)]
    pub paid_by: OrderKind,
    /// Credits ordered, equally USD to pay.
    pub amount: Money,
    /// The Stripe customer that pays.
    pub customer: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Who ordered.
    pub actor: Actor,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When its payment page closes; of a top-up, when its key is no longer sent.
    pub expires_at: Timestamp,
    /// Where Stripe sends the customer after payment and after cancelling; stored so that a retry sends the same. A
    /// top-up's is its `return_url`.
    pub success_url: String,
    /// See `success_url`.
    pub cancel_url: String,
    /// Whether the card is to be saved for auto top-up.
    #[serde(default)]
    pub save_card: bool,
    /// Whether the payment page offers cards alone, as auto top-up charges nothing else. False of orders from before
    /// it was asked for: under their key Stripe is sent the same request again.
    #[serde(default)]
    pub cards_only: bool,
    /// The Checkout session, once Stripe has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The payment page's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_url: Option<String>,
    /// The payment, `pi_…`, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_intent: Option<String>,
    /// The saved card that a top-up charges, `pm_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// Why it failed, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What the credits were granted for.
    #[serde(rename = "grantedFor", default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// Money arrived that is not what was ordered: a person at DropLab decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewReason>,
    /// What was refunded or disputed of it.
    #[serde(default, skip_serializing_if = "Reversals::is_empty")]
    pub reversals: Reversals,
    /// What early fraud warnings freeze of it.
    #[serde(default, skip_serializing_if = "Freeze::is_empty")]
    pub freeze: Freeze,
    /// When recovery reads it again at Stripe.
    #[serde(rename = "lookAt", default, skip_serializing_if = "Option::is_none")]
    pub next_check: Option<Timestamp>,
}

impl Order {
    /// Where an order stands in the `work` table.
    #[must_use]
    pub fn key_of(organization: &OrganizationId, order: &OrderId) -> Key {
        Key::new(format!("ORG#{organization}"), format!("ORDER#{order}"))
    }

    /// What its credits are granted as.
    #[must_use]
    pub fn grant_kind(&self) -> GrantKind {
        match self.paid_by {
            OrderKind::Checkout => GrantKind::Purchase,
            OrderKind::TopUp => GrantKind::TopUp,
        }
    }

    /// The order in a later state, or `None` when its rank would fall.
    #[must_use]
    pub fn moved_to(&self, status: OrderStatus, now: Timestamp) -> Option<Self> {
        (status.rank() > self.status.rank()).then(|| Self { status, ..self.clone() }.rescheduled(now))
    }

    /// The order with the time at which recovery reads it next: while something can still change at Stripe.
    #[must_use]
    pub fn rescheduled(self, now: Timestamp) -> Self {
        let under_way = matches!(self.status, OrderStatus::Pending | OrderStatus::Processing);
        let granted = self.grant.as_ref().map_or(Money::ZERO, |granted| granted.terms().granted);
        let left = granted.minus(self.reversals.posted).unwrap_or(Money::ZERO);
        let frozen = self.freeze.next_check(left, now);
        let next_check = if frozen.is_some() {
            frozen
        } else if self.reversals.is_open() {
            Some(now.plus_seconds(OPEN_REVERSAL_CHECK_SECONDS))
        } else if under_way && self.review.is_none() {
            Some(self.next_check_time(now))
        } else {
            None
        };
        Self { next_check, ..self }
    }

    /// Whether it may yet be paid: under way, and not with its page closed for certain.
    #[must_use]
    pub fn may_be_paid(&self, now: Timestamp) -> bool {
        match self.status {
            OrderStatus::Pending => now < self.expires_at.plus_seconds(PAGE_CLOSED_SECONDS),
            OrderStatus::Processing => true,
            OrderStatus::Failed | OrderStatus::Expired | OrderStatus::Paid => false,
        }
    }

    /// Whether it takes one of its organization's places for unpaid orders. Without a page it does for a few minutes only:
    /// an outage of Stripe's must not use up all places until the pages that it never opened would have closed.
    #[must_use]
    pub fn takes_a_place(&self, now: Timestamp) -> bool {
        let has_page = self.session_id.is_some() || now < self.created_at.plus_seconds(PAGE_OPENS_SECONDS);
        has_page && self.may_be_paid(now)
    }

    /// The longer an order waits, the rarer it is read: its facts come by webhooks and by the walk of events. Once
    /// its page has closed it is read at once, and hourly until it has ended.
    fn next_check_time(&self, now: Timestamp) -> Timestamp {
        let closed = self.expires_at.plus_seconds(PAGE_CLOSED_SECONDS);
        if self.status == OrderStatus::Pending && now >= closed {
            return now.plus_seconds(ORDER_CHECK_SECONDS);
        }
        let age = now.as_seconds().saturating_sub(self.created_at.as_seconds());
        let again = now.plus_seconds(age.clamp(ORDER_CHECK_SECONDS, ORDER_CHECK_SECONDS_MAX));
        if now < closed { again.min(closed) } else { again }
    }
}

impl Record for Order {
    const KIND: &'static str = "order";
    const LANE: Lane = Lane::Recovery;

    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.order_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.next_check
    }
}
