//! Event sources: a webhook delivery, recovery's walk, a read or an API response.

use crate::limits::READ_AGE_MAX_SECONDS;
use stripe_client::event::Event;
use terms::Timestamp;

/// In place of the event where an object was read.
const READ: &str = "read";

#[derive(Debug, Clone)]
pub(crate) struct EventSource {
    /// `evt_…`, or `read` where the object was read.
    pub event_id: String,
    /// The event's type, or `read`.
    pub event_type: String,
    /// By Stripe's clock.
    pub occurred_at: Timestamp,
    /// Whether the fact is of live mode.
    pub livemode: bool,
    /// Whether the object was read at Stripe: then it is as of now, and not as of when the event happened.
    pub is_read: bool,
}

impl EventSource {
    /// An event as delivered.
    pub(crate) fn of(event: &Event) -> Self {
        Self {
            event_id: event.id.clone(),
            event_type: event.kind.clone(),
            occurred_at: Timestamp::from_seconds(event.created),
            livemode: event.livemode,
            is_read: false,
        }
    }

    /// An event whose object was read again.
    pub(crate) fn of_read(event: &Event) -> Self {
        Self { is_read: true, ..Self::of(event) }
    }

    /// An object read at Stripe under our own key. `created` is the object's, in unix seconds.
    pub(crate) fn read(created: i64, now: Timestamp, livemode: bool) -> Self {
        let occurred_at = if created > 0 { Timestamp::from_seconds(created) } else { now };
        let read = READ.to_owned();
        Self { event_id: read.clone(), event_type: read, occurred_at, livemode, is_read: true }
    }

    /// The time as of which an object has the stated state. A read object may have changed since Stripe's response:
    /// an open state is taken as of now (`latest`), an ended one as of the earliest moment of the read.
    pub(crate) fn as_of(&self, now: Timestamp, latest: bool) -> Timestamp {
        match (self.is_read, latest) {
            (false, _) => self.occurred_at,
            (true, true) => now,
            (true, false) => now.plus_seconds(-READ_AGE_MAX_SECONDS),
        }
    }
}
