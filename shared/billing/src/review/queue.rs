//! What could not be decided and must not be lost: payments and facts that wait for a person.

use crate::{Billing, BillingFailure, Quarantine, Reason, WebhookAnswer, facts::source::Told};
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Insert, Key, Record};
use terms::{Actor, OrderId, OrganizationId, Timestamp};

/// Where quarantined facts stand.
pub(crate) const QUARANTINE: &str = "QUARANTINE";

/// What finance decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolution {
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

/// Money or news that a person must look at. One per object and reason; alarmed when it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quarantined {
    /// The Stripe object's id (an event's, when nothing else could be read).
    pub object: String,
    /// Why.
    pub reason: Quarantine,
    /// The event's type.
    pub event_type: String,
    /// The latest event that said so.
    pub event_id: String,
    /// Whose it seems to be.
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
    pub resolution: Option<Resolution>,
}

impl Quarantined {
    /// Where the quarantine of an object for a reason stands.
    #[must_use]
    pub fn key_of(object: &str, reason: Quarantine) -> Key {
        let reason = serde_json::to_value(reason).unwrap_or_default();
        Key::new(QUARANTINE, format!("OBJECT#{object}#{}", reason.as_str().unwrap_or_default()))
    }
}

impl Record for Quarantined {
    const KIND: &'static str = "quarantine";

    fn key(&self) -> Key {
        Self::key_of(&self.object, self.reason)
    }
}

impl Billing {
    /// Keeps what cannot be granted, once, and raises an alarm (a log line that a metric filter counts).
    pub(crate) async fn quarantine(&self, quarantined: Quarantined) -> Result<(), BillingFailure> {
        match self.work.insert(&quarantined).await? {
            Insert::Done(_) => tracing::error!(
                alarm = "quarantine",
                object = quarantined.object,
                reason = ?quarantined.reason,
                event = quarantined.event_id,
                "a fact of Stripe's was quarantined: it needs a person's decision"
            ),
            Insert::Exists(_) => {}
        }
        Ok(())
    }

    /// Keeps news whose effect is not decided here, with an alarm, so that a person acts on it.
    pub(crate) async fn keep(&self, object: &str, told: &Told) -> Result<WebhookAnswer, BillingFailure> {
        self.quarantine(told.quarantined(self, object, Quarantine::NotDecidable, None)).await?;
        Ok(WebhookAnswer::Quarantined(Quarantine::NotDecidable))
    }
}

impl Told {
    pub(crate) fn quarantined(
        &self,
        billing: &Billing,
        object: &str,
        reason: Quarantine,
        organization: Option<&OrganizationId>,
    ) -> Quarantined {
        Quarantined {
            object: object.to_owned(),
            reason,
            event_type: self.event_type.clone(),
            event_id: self.event_id.clone(),
            organization: organization.cloned(),
            order_id: None,
            payment: None,
            seen_at: billing.clock.now(),
            resolution: None,
        }
    }
}
