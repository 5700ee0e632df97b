//! Events that could not be decided when they were walked: read again by id until they can.

use crate::{Billing, BillingFailure, limits::EVENT_RETRY_SECONDS};
use serde::{Deserialize, Serialize};
use tables::{Key, Lane, Record, Replace};
use terms::Timestamp;

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
        let look_at = Some(now.plus_seconds(EVENT_RETRY_SECONDS));
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
    /// An event that could not be decided before.
    pub(crate) async fn look_at_event(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(kept) = self.work.get::<KeptEvent>(key).await? else { return Ok(()) };
        let now = self.clock.now();
        let answer = match self.stripe.event(&kept.record.event_id).await {
            Ok(event) => self.decide_event(&event).await.map(drop),
            Err(failure) if failure.is_missing() => {
                tracing::error!(alarm = "events-lost", event = kept.record.event_id, "a kept event is gone");
                Ok(())
            }
            Err(failure) => Err(BillingFailure::Stripe(failure)),
        };
        let again = KeptEvent::at(&kept.record.event_id, now);
        let look_at = if answer.is_ok() { None } else { again.look_at };
        let next = KeptEvent { look_at, ..kept.record.clone() };
        let _: Replace<KeptEvent> = self.work.replace(&kept, &next).await?;
        answer
    }
}
