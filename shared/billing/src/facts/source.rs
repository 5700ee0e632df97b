//! Where a Stripe fact comes from: a webhook delivery, recovery's walk, a read or an answer of the API.

use crate::limits::READ_AGE_MAX_SECONDS;
use stripe_client::event::Event;
use terms::Timestamp;

/// What stands for the event where an object was read.
const READ: &str = "read";

/// The source of one Stripe fact.
#[derive(Debug, Clone)]
pub(crate) struct EventSource {
    /// `evt_…`, or `read` where the object was read.
    pub event_id: String,
    /// The event's type, or `read`.
    pub event_type: String,
    /// When it happened, by Stripe's clock.
    pub occurred_at: Timestamp,
    /// Whether the fact is of live mode.
    pub livemode: bool,
    /// The object was read at Stripe: it is of now, and not of when the event happened.
    pub is_read: bool,
}

impl EventSource {
    /// What an event said.
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

    /// As of when an object is as it is stated. What was read may have changed since Stripe answered: what goes on went
    /// on now at the latest (`latest`), what has ended had ended as long ago as a read can take.
    pub(crate) fn as_of(&self, now: Timestamp, latest: bool) -> Timestamp {
        match (self.is_read, latest) {
            (false, _) => self.occurred_at,
            (true, true) => now,
            (true, false) => now.plus_seconds(-READ_AGE_MAX_SECONDS),
        }
    }
}
