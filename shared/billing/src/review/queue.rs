//! Payments and facts that cannot be decided by rule and must not be lost: they wait for a person.

use crate::{
    BillingFailure, FactOutcome, Parts, Reason, ReviewReason, StripeObjectId, facts::source::EventSource,
};
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Insert, Key, Record, Stored, WorkTable};
use terms::{Actor, Clock, OrderId, OrganizationId, Timestamp};

/// The partition of manual reviews.
pub(crate) const MANUAL_REVIEWS: &str = "QUARANTINE";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewOutcome {
    /// The organization that got the credits, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// The credits granted; `None`: dismissed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Money>,
    pub reason: Reason,
    pub actor: Actor,
    pub resolved_at: Timestamp,
}

/// Money or a fact that a person has to decide on. One per object and reason; it raises an alarm when it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManualReview {
    /// The Stripe object's id (an event's, when nothing else could be read).
    pub object: StripeObjectId,
    pub reason: ReviewReason,
    pub event_type: String,
    /// The latest event about it.
    pub event_id: String,
    /// The organization that it seems to belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// The order that is in review because of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The payment that a warning is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    pub seen_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<ReviewOutcome>,
    /// What finance decided before the same happened once more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<ReviewOutcome>,
}

impl ManualReview {
    /// The key of an object's manual review for a reason.
    #[must_use]
    pub fn key_of(object: &str, reason: ReviewReason) -> Key {
        let reason = serde_json::to_value(reason).unwrap_or_default();
        Key::new(MANUAL_REVIEWS, format!("OBJECT#{object}#{}", reason.as_str().unwrap_or_default()))
    }

    pub(crate) fn raise_alarm(&self) {
        tracing::error!(
            alarm = "quarantine",
            object = self.object.as_str(),
            reason = ?self.reason,
            event = self.event_id,
            "a Stripe fact is in manual review: finance has to decide it"
        );
    }
}

impl Record for ManualReview {
    const KIND: &'static str = "quarantine";

    fn key(&self) -> Key {
        Self::key_of(self.object.as_str(), self.reason)
    }
}

/// Every room may add to it.
pub(crate) struct ReviewQueue {
    work: WorkTable,
    clock: Clock,
}

impl ReviewQueue {
    pub(crate) fn new(parts: &Parts) -> Self {
        Self { work: parts.work.clone(), clock: parts.clock.clone() }
    }

    /// Adds a review, once for its object and reason; only the first raises an alarm.
    pub(crate) async fn add(&self, review: ManualReview) -> Result<(), BillingFailure> {
        match self.work.insert(&review).await? {
            Insert::Done(_) => review.raise_alarm(),
            Insert::Exists(_) => {}
        }
        Ok(())
    }

    /// Adds a fact that a person has to decide on.
    pub(crate) async fn add_fact(
        &self,
        object: &str,
        reason: ReviewReason,
        organization: Option<&OrganizationId>,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        self.add(self.of_fact(object, reason, organization, source)).await?;
        Ok(FactOutcome::ManualReview(reason))
    }

    /// The review of a fact, seen now; not added yet.
    pub(crate) fn of_fact(
        &self,
        object: &str,
        reason: ReviewReason,
        organization: Option<&OrganizationId>,
        source: &EventSource,
    ) -> ManualReview {
        ManualReview {
            object: object.into(),
            reason,
            event_type: source.event_type.clone(),
            event_id: source.event_id.clone(),
            organization: organization.cloned(),
            order_id: None,
            payment: None,
            seen_at: self.clock.now(),
            resolution: None,
            earlier: Vec::new(),
        }
    }

    /// A fact that cannot be read, or an amount that no account can hold: a person decides.
    pub(crate) async fn add_undecidable(
        &self,
        object: &str,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        self.add_fact(object, ReviewReason::NotDecidable, None, source).await
    }

    /// The review of an invoice whose organization was unknown, if there is one.
    pub(crate) async fn of_invoice(
        &self,
        invoice: &str,
    ) -> Result<Option<Stored<ManualReview>>, BillingFailure> {
        let key = ManualReview::key_of(invoice, ReviewReason::OrganizationUnknown);
        Ok(self.work.get(&key).await?)
    }

    /// Decided or not.
    pub(crate) async fn all(&self) -> Result<Vec<ManualReview>, BillingFailure> {
        let found = self.work.list::<ManualReview>(MANUAL_REVIEWS, "OBJECT#").await?;
        Ok(found.into_iter().map(|stored| stored.record).collect())
    }
}
