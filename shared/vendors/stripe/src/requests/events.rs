//! Events read from the API: what a webhook did not deliver.

use serde_json::value::RawValue;
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_core::event::{ListEvent, RetrieveEvent};
use stripe_types::RangeQueryTs;

use super::{Page, Stripe, plain};
use crate::event::{self, Event};
use crate::failure::{Refusal, StripeFailure};

/// Selects one page of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuery {
    /// One of [`event::listed_groups`]: 1 to [`event::LISTED_MAX`] types.
    pub types: Vec<&'static str>,
    /// Unix seconds. Stripe keeps events for 30 days.
    pub created_from: i64,
    /// `evt_…`, the last event of the page before: only older ones.
    pub starting_after: Option<String>,
    /// 1 to 100 events per page; Stripe refuses others.
    pub limit: u32,
}

/// One page of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventPage {
    /// Newest first.
    pub events: Vec<Event>,
    /// There are older ones.
    pub has_more: bool,
}

impl Stripe {
    /// One page of the account's events of these types (docs.stripe.com/api/events/list). Each is read like a
    /// webhook's body, in the API version in which it was first rendered. An event whose object cannot be read is
    /// [`event::Fact::Undecodable`] and fails nothing else. Fails as `Undecodable` if an element is not an event at
    /// all, or if a page that is not the last has nothing to continue after.
    pub async fn events(&self, query: &EventQuery) -> Result<EventPage, StripeFailure> {
        if query.types.is_empty() || query.types.len() > event::LISTED_MAX {
            return Err(Refusal::never_sent("types"));
        }
        if let Some(after) = &query.starting_after {
            plain(after, "starting_after")?;
        }
        let page: Page<Box<RawValue>> = self.ask(events_request(query), None).await?;
        if page.has_more && page.data.is_empty() {
            return Err(StripeFailure::Undecodable);
        }
        let events = page.data.iter().map(|element| read(element)).collect::<Result<_, _>>()?;
        Ok(EventPage { events, has_more: page.has_more })
    }

    /// Reads an `evt_…` of any type (docs.stripe.com/api/events/retrieve) like [`Self::events`].
    /// [`StripeFailure::is_missing`] also after 30 days.
    pub async fn event(&self, id: &str) -> Result<Event, StripeFailure> {
        let id = plain(id, "event")?;
        let answer: Box<RawValue> = self.ask(RetrieveEvent::new(id).build(), None).await?;
        read(&answer)
    }

    /// An event with its object as it is now, in our API version: for an event that was rendered in another one
    /// ([`Event::is_of_our_train`]). An event that names no object fails without a request.
    pub async fn event_now(&self, event: &Event) -> Result<Event, StripeFailure> {
        let id = plain(event.object.as_deref().unwrap_or_default(), "object")?;
        let collection = event.collection().ok_or_else(|| Refusal::never_sent("type"))?;
        let request = RequestBuilder::new(StripeMethod::Get, format!("{collection}/{id}"));
        let object: Box<RawValue> = self.ask(request, None).await?;
        Ok(event.about(&object))
    }
}

fn read(element: &RawValue) -> Result<Event, StripeFailure> {
    event::parse(element.get().as_bytes()).map_err(|_| StripeFailure::Undecodable)
}

fn events_request(query: &EventQuery) -> RequestBuilder {
    let types: Vec<String> = query.types.iter().map(|kind| (*kind).to_owned()).collect();
    let mut list =
        ListEvent::new().created(RangeQueryTs::gte(query.created_from)).types(types).limit(query.limit);
    if let Some(after) = &query.starting_after {
        list = list.starting_after(after);
    }
    list.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::fields;

    #[test]
    fn every_type_is_listed_once_and_no_request_has_more_types_than_stripe_takes() {
        let mut listed: Vec<&str> = Vec::new();
        for types in event::listed_groups() {
            listed.extend(&types);
            let query = EventQuery { types, created_from: 1_763_000_000, starting_after: None, limit: 50 };
            let request = events_request(&query);
            assert_eq!(request.path, "/events");
            let sent = fields(&request.query.unwrap());
            let (types, others): (Vec<&String>, Vec<&String>) =
                sent.iter().partition(|field| field.starts_with("types["));
            // "An array of up to 20 strings" (docs.stripe.com/api/events/list).
            assert!((1..=20).contains(&types.len()), "{}", types.len());
            assert_eq!(others, ["created[gte]=1763000000", "limit=50"]);
        }
        listed.extend(event::NOT_LISTED);
        listed.sort_unstable();
        let mut all = event::TYPES.to_vec();
        all.sort_unstable();
        assert_eq!(listed, all);
    }

    #[test]
    fn the_next_page_is_asked_for_after_the_last_event() {
        let types = vec!["invoice.paid"];
        let query =
            EventQuery { types, created_from: 0, starting_after: Some("evt_1".to_owned()), limit: 100 };
        let sent = fields(&events_request(&query).query.unwrap());
        assert!(sent.contains(&"starting_after=evt_1".to_owned()));
        assert!(sent.contains(&"limit=100".to_owned()));
    }

    #[test]
    fn an_event_of_every_type_can_be_decided_from_its_object_read_again() {
        for kind in crate::event::TYPES {
            let json = format!(
                r#"{{"id":"evt_1","object":"event","type":"{kind}","created":1,"livemode":false,"data":{{"object":{{"id":"x_1"}}}}}}"#
            );
            let event = crate::event::parse(json.as_bytes()).unwrap();
            assert!(event.collection().is_some(), "{kind}");
        }
    }
}
