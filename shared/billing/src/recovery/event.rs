//! Events that could not be decided when they were listed: read again by id until they can.

use crate::{BillingFailure, limits::EVENT_RETRY_SECONDS, recovery::Recovery};
use serde::{Deserialize, Serialize};
use tables::{Key, Lane, Record, Replace};
use terms::Timestamp;

/// An event that recovery could not decide: read again by its id until it can. Stripe keeps events for 30 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UndecidedEvent {
    pub event_id: String,
    #[serde(rename = "keptAt")]
    pub recorded_at: Timestamp,
    #[serde(rename = "lookAt")]
    pub next_check: Option<Timestamp>,
}

impl UndecidedEvent {
    pub(crate) fn key_of(event_id: &str) -> Key {
        Key::new("EVENTS", format!("EVENT#{event_id}"))
    }

    /// Recorded now, read again later.
    pub(crate) fn at(event_id: &str, now: Timestamp) -> Self {
        let next_check = Some(now.plus_seconds(EVENT_RETRY_SECONDS));
        Self { event_id: event_id.to_owned(), recorded_at: now, next_check }
    }
}

impl Record for UndecidedEvent {
    const KIND: &'static str = "kept-event";
    const LANE: Lane = Lane::Recovery;

    fn key(&self) -> Key {
        Self::key_of(&self.event_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.next_check
    }
}

impl Recovery {
    /// Decides an event that could not be decided before.
    pub(crate) async fn check_event(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(undecided) = self.work.get::<UndecidedEvent>(key).await? else { return Ok(()) };
        let now = self.clock.now();
        let answer = match self.stripe.event(&undecided.record.event_id).await {
            Ok(event) => self.facts.decide(&event).await.map(drop),
            Err(failure) if failure.is_missing() => {
                tracing::error!(
                    alarm = "events-lost",
                    event = undecided.record.event_id,
                    "Stripe no longer lists an undecided event"
                );
                Ok(())
            }
            Err(failure) => Err(BillingFailure::Stripe(failure)),
        };
        let again = UndecidedEvent::at(&undecided.record.event_id, now);
        let next_check = if answer.is_ok() { None } else { again.next_check };
        let next = UndecidedEvent { next_check, ..undecided.record.clone() };
        let _: Replace<UndecidedEvent> = self.work.replace(&undecided, &next).await?;
        answer
    }
}
