//! What could not be decided and must not be lost: quarantined payments and events kept for later.

use crate::{Billing, BillingFailure, Reason};
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Insert, Key, Lane, Record};
use terms::{Actor, OrderId, OrganizationId, Timestamp};

/// Where quarantined facts stand.
pub(crate) const QUARANTINE: &str = "QUARANTINE";

/// An event that failed is read again at Stripe after so long.
const EVENT_AGAIN_SECONDS: i64 = 600;

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
    /// A paid invoice that grants nothing by the plan, such as a change of the subscription within its period.
    GrantsNothing,
    /// The same object was reported with other contents than before.
    ContentsChanged,
    /// Money goes back that was paid before its organization was brought over: its credits stand in the opening
    /// balance, and finance corrects them.
    BroughtOver,
    /// A card's bank warns that a payment is fraud: what is left of its credits waits for finance, who refunds the
    /// payment at Stripe or lifts the warning by dismissing it.
    EarlyFraudWarning,
    /// A known event type that does not parse, or whose contents mean nothing to us.
    NotDecidable,
}

impl Quarantine {
    /// Whether finance may grant what was quarantined for this reason.
    pub(crate) fn is_grantable(self) -> bool {
        match self {
            Self::AlreadyGranted
            | Self::BroughtOver
            | Self::EarlyFraudWarning
            | Self::OrderUnknown
            | Self::ContentsChanged
            | Self::NotDecidable
            | Self::LivemodeMismatch => false,
            Self::AmountMismatch
            | Self::CurrencyMismatch
            | Self::CustomerMismatch
            | Self::ModeMismatch
            | Self::SessionMismatch
            | Self::GrantsNothing
            | Self::OrganizationUnknown => true,
        }
    }
}

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

/// An event that recovery could not decide: read again by its id until it can. Stripe keeps events 30 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptEvent {
    pub event_id: String,
    pub kept_at: Timestamp,
    pub look_at: Option<Timestamp>,
}

impl KeptEvent {
    pub(crate) fn key_of(event_id: &str) -> Key {
        Key::new("EVENTS", format!("EVENT#{event_id}"))
    }

    /// Kept now, looked at again later.
    pub(crate) fn at(event_id: &str, now: Timestamp) -> Self {
        let look_at = Some(now.plus_seconds(EVENT_AGAIN_SECONDS));
        Self { event_id: event_id.to_owned(), kept_at: now, look_at }
    }
}

impl Record for KeptEvent {
    const KIND: &'static str = "kept-event";
    const LANE: Lane = Lane::Recovery;

    fn key(&self) -> Key {
        Self::key_of(&self.event_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.look_at
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
