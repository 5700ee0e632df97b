//! The walk of Stripe's events, from a stored time on.

use crate::{
    BillingFailure, Recovered,
    limits::{EVENTS_KEPT_SECONDS, EVENTS_PER_PAGE, WALK_OVERLAP_SECONDS},
    recovery::{Recovery, event::UndecidedEvent},
};
use serde::{Deserialize, Serialize};
use stripe_client::{
    EventPage, EventQuery,
    event::{self, Event},
};
use tables::{Insert, Key, Record, Replace, Stored};
use terms::Timestamp;

/// How far the events were walked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventCursor {
    /// All events created before were decided or recorded.
    walked_to: Timestamp,
    /// A walk that ran out of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    walk: Option<Walk>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Walk {
    began_at: Timestamp,
    /// Which of the groups of types is walked.
    #[serde(default)]
    group: usize,
    /// The event after which it continues; `None` at the beginning of a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl EventCursor {
    fn key() -> Key {
        Key::new("EVENTS", "CURSOR")
    }
}

impl Record for EventCursor {
    const KIND: &'static str = "event-cursor";

    fn key(&self) -> Key {
        Self::key()
    }
}

impl Recovery {
    pub(crate) async fn walk_events(
        &self,
        recovered: &mut Recovered,
        go_on: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<(), BillingFailure> {
        let now = self.clock.now();
        let mut cursor = self.event_cursor(now).await?;
        let groups = event::listed_groups();
        let begun = cursor.record.walk.clone().filter(|walk| walk.group < groups.len());
        let mut walk = begun.unwrap_or(Walk { began_at: now, group: 0, after: None });
        let created_from = self.created_from(&cursor.record, walk.began_at);
        while go_on() {
            let Some(types) = groups.get(walk.group) else { return Ok(()) };
            let page = self.events_of(&walk, types.clone(), created_from).await?;
            let mut stopped = false;
            for event in &page.events {
                if !go_on() {
                    stopped = true;
                    break;
                }
                self.recover_event(event, recovered).await?;
                walk.after = Some(event.id.clone());
            }
            if stopped && walk.after.is_none() {
                return Ok(());
            }
            if !page.has_more && !stopped {
                walk = Walk { group: walk.group + 1, after: None, ..walk };
            }
            let next = if walk.group < groups.len() {
                EventCursor { walk: Some(walk.clone()), ..cursor.record.clone() }
            } else {
                EventCursor { walked_to: walk.began_at, walk: None }
            };
            // Another run at the same time decides the same events under the same causes.
            let Replace::Done(stored) = self.work.replace(&cursor, &next).await? else { return Ok(()) };
            cursor = stored;
            if cursor.record.walk.is_none() {
                recovered.walked = true;
                return Ok(());
            }
        }
        Ok(())
    }

    async fn events_of(
        &self,
        walk: &Walk,
        types: Vec<&'static str>,
        created_from: i64,
    ) -> Result<EventPage, BillingFailure> {
        let query =
            EventQuery { types, created_from, starting_after: walk.after.clone(), limit: EVENTS_PER_PAGE };
        match self.stripe.events(&query).await {
            Ok(page) => Ok(page),
            // The event after which the walk continues is older than what Stripe keeps: so are all events after it.
            Err(failure) if walk.after.is_some() && failure.is_missing() => Ok(EventPage::default()),
            Err(failure) => Err(BillingFailure::Stripe(failure)),
        }
    }

    /// Where the walk begins: a little before the last one's end, and not before what Stripe keeps.
    fn created_from(&self, cursor: &EventCursor, now: Timestamp) -> i64 {
        let wanted = cursor.walked_to.plus_seconds(-WALK_OVERLAP_SECONDS).as_seconds();
        let oldest = now.plus_seconds(-EVENTS_KEPT_SECONDS).as_seconds();
        if wanted < oldest {
            tracing::error!(
                alarm = "events-lost",
                "events older than Stripe keeps were never walked: open things are read by id, others need a \
                 person"
            );
        }
        wanted.max(oldest)
    }

    async fn event_cursor(&self, now: Timestamp) -> Result<Stored<EventCursor>, BillingFailure> {
        if let Some(cursor) = self.work.get::<EventCursor>(&EventCursor::key()).await? {
            return Ok(cursor);
        }
        // The first walk ever: all that Stripe keeps.
        let walked_to = now.plus_seconds(WALK_OVERLAP_SECONDS - EVENTS_KEPT_SECONDS);
        match self.work.insert(&EventCursor { walked_to, walk: None }).await? {
            Insert::Done(stored) | Insert::Exists(stored) => Ok(stored),
        }
    }

    /// Decides one event; a failure is recorded, so that the cursor moves on.
    async fn recover_event(&self, event: &Event, recovered: &mut Recovered) -> Result<(), BillingFailure> {
        match self.facts.decide(event).await {
            Ok(_) => recovered.events = recovered.events.saturating_add(1),
            Err(failure) => {
                platform::log::failing("an event could not be decided now", &failure);
                recovered.count(&failure);
                let _: Insert<UndecidedEvent> =
                    self.work.insert(&UndecidedEvent::at(&event.id, self.clock.now())).await?;
                recovered.undecided = recovered.undecided.saturating_add(1);
            }
        }
        Ok(())
    }
}
