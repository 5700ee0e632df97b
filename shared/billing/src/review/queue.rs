//! What could not be decided and must not be lost: payments and facts that wait for a person.

use crate::{Billing, BillingFailure, FactOutcome, Reason, ReviewReason, facts::source::EventSource};
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Insert, Key, Record};
use terms::{Actor, OrderId, OrganizationId, Timestamp};

/// The partition of manual reviews.
pub(crate) const MANUAL_REVIEWS: &str = "QUARANTINE";

/// What finance decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewOutcome {
    /// To whom they were granted, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// The credits granted; `None`: dismissed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Money>,
    /// Why, in finance's words.
    pub reason: Reason,
    /// Who.
    pub actor: Actor,
    /// When.
    pub resolved_at: Timestamp,
}

/// Money or a fact that a person has to decide on. One per object and reason; alarmed when it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManualReview {
    /// The Stripe object's id (an event's, when nothing else could be read).
    pub object: String,
    /// Why.
    pub reason: ReviewReason,
    /// The event's type.
    pub event_type: String,
    /// The latest event that said so.
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
    /// When it was first seen.
    pub seen_at: Timestamp,
    /// What finance decided.
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
            object = self.object,
            reason = ?self.reason,
            event = self.event_id,
            "a fact of Stripe's was quarantined: it needs a person's decision"
        );
    }
}

impl Record for ManualReview {
    const KIND: &'static str = "quarantine";

    fn key(&self) -> Key {
        Self::key_of(&self.object, self.reason)
    }
}

impl Billing {
    /// Queues what cannot be granted for manual review, once, and raises an alarm (a log line that a metric filter counts).
    pub(crate) async fn queue_for_review(&self, review: ManualReview) -> Result<(), BillingFailure> {
        match self.work.insert(&review).await? {
            Insert::Done(_) => review.raise_alarm(),
            Insert::Exists(_) => {}
        }
        Ok(())
    }

    /// Queues a fact whose effect is not decided here, with an alarm, so that a person acts on it.
    pub(crate) async fn queue_undecidable(
        &self,
        object: &str,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        self.queue_for_review(source.manual_review(self, object, ReviewReason::NotDecidable, None)).await?;
        Ok(FactOutcome::ManualReview(ReviewReason::NotDecidable))
    }
}

impl EventSource {
    pub(crate) fn manual_review(
        &self,
        billing: &Billing,
        object: &str,
        reason: ReviewReason,
        organization: Option<&OrganizationId>,
    ) -> ManualReview {
        ManualReview {
            object: object.to_owned(),
            reason,
            event_type: self.event_type.clone(),
            event_id: self.event_id.clone(),
            organization: organization.cloned(),
            order_id: None,
            payment: None,
            seen_at: billing.clock.now(),
            resolution: None,
            earlier: Vec::new(),
        }
    }
}
