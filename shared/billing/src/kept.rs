//! What could not be decided and must not be lost: quarantined payments and events kept for later.

use crate::{Billing, BillingFailure};
use serde::{Deserialize, Serialize};
use tables::{Insert, Key, Record};
use terms::{OrganizationId, Timestamp};

/// Why money that arrived was not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quarantine {
    /// Another amount than ordered.
    AmountMismatch,
    /// Another currency than USD.
    CurrencyMismatch,
    /// Another customer than the order's.
    CustomerMismatch,
    /// Not a one-time payment.
    ModeMismatch,
    /// A test payment at the live stage, or the other way round.
    LivemodeMismatch,
    /// Another Checkout session than the order's.
    SessionMismatch,
    /// The order's credits were granted for another payment.
    AlreadyGranted,
    /// The session names an order that is not on the books.
    OrderUnknown,
    /// No organization is known for the subscription's customer.
    OrganizationUnknown,
    /// The same object was reported with other contents than before.
    ContentsChanged,
    /// A known event type that does not parse, or one whose effect is not built yet.
    NotDecidable,
}

/// Money or news that a person must look at. One per object; alarmed when it is written.
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
    /// When it was first seen.
    pub seen_at: Timestamp,
}

impl Record for Quarantined {
    const KIND: &'static str = "quarantine";

    fn key(&self) -> Key {
        Key::new("QUARANTINE", format!("OBJECT#{}#{}", self.object, self.event_type))
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
}
