//! Events: what happened, as it was when it happened.

use serde_json::{Map, Value, json};

use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::{API_VERSION, Stripe, objects, seconds};

const MAX_TYPES: usize = 20;

impl Stripe {
    /// Records an event with the object as it now is, and queues its webhook.
    pub(super) fn emit(&mut self, now_ms: u64, kind: &str, object: &Value) {
        self.record(now_ms, kind, json!({"object": object}));
    }

    /// The same for a kind that also tells what the changed members were before.
    pub(super) fn emit_change(&mut self, now_ms: u64, kind: &str, before: &Value, after: &Value) {
        let members = after.as_object().into_iter().flatten();
        let previous: Map<String, Value> = members
            .filter(|(name, value)| before[name.as_str()] != **value)
            .map(|(name, _)| (name.clone(), before[name.as_str()].clone()))
            .collect();
        self.record(now_ms, kind, json!({"object": after, "previous_attributes": previous}));
    }

    fn record(&mut self, now_ms: u64, kind: &str, data: Value) {
        let id = self.ids.fresh("evt_1", 23);
        let wanted = self.webhooks.wants(kind);
        if let Some(version) = self.account.version.clone() {
            self.account.event_versions.insert(id.clone(), version);
        }
        let event = json!({
            "id": id,
            "object": "event",
            "api_version": self.api_version,
            "created": seconds(now_ms),
            "data": data,
            "livemode": false,
            "pending_webhooks": i32::from(wanted),
            "request": {"id": null, "idempotency_key": null},
            "type": kind,
        });
        self.webhooks.queue(now_ms, &id, self.delivered(&event), wanted);
        self.events.put(event);
    }

    /// Sends an event's webhook `times` more; false when there is no such event.
    pub fn deliver_again(&mut self, now_ms: u64, event_id: &str, times: u64) -> bool {
        let Some(event) = self.events.get(event_id) else {
            return false;
        };
        let body = self.delivered(event);
        for _ in 0..times {
            self.webhooks.resend(now_ms, event_id, body.clone());
        }
        true
    }

    /// Forgets what happened before this unix second, as Stripe does after 30 days: `/v1/events` no longer
    /// knows it. The controls and [`Self::all_events`] still do.
    pub fn expire_events_before(&mut self, seconds: i64) {
        self.events_from = self.events_from.max(seconds);
    }

    /// True for an event that the API no longer knows.
    pub(super) fn is_forgotten(&self, event: &Value) -> bool {
        event["created"].as_i64().is_none_or(|created| created < self.events_from)
    }

    /// All events, oldest first, for the controls.
    pub fn all_events(&self) -> Vec<&Value> {
        self.events.iter().collect()
    }

    pub(super) fn list_events(&self, params: &Params) -> Outcome {
        params.only(&[
            "limit",
            "starting_after",
            "ending_before",
            "created",
            "type",
            "types",
            "delivery_success",
            "expand",
        ])?;
        for cursor in ["starting_after", "ending_before"] {
            let event = params.text(cursor).and_then(|id| self.events.get(id));
            if let Some(event) = event.filter(|event| self.is_forgotten(event)) {
                return Err(Refusal::no_such("event", objects::text(event, "id"), 400, cursor));
            }
        }
        let (kind, kinds) = (params.text("type"), params.texts("types"));
        if kinds.len() > MAX_TYPES {
            let message = format!("Array must have at most {MAX_TYPES} elements.");
            return Err(Refusal::invalid(message, Some("types")));
        }
        if kind.is_some() && !kinds.is_empty() {
            let message = "You may pass either `type` or `types`, but not both.".to_owned();
            return Err(Refusal::invalid(message, Some("types")));
        }
        let mut page = self.events.page("/v1/events", params, |event| {
            let this = event["type"].as_str().unwrap_or_default();
            !self.is_forgotten(event)
                && kind.is_none_or(|kind| kind == this)
                && (kinds.is_empty() || kinds.contains(&this))
        })?;
        for event in page["data"].as_array_mut().into_iter().flatten() {
            *event = self.as_listed(event);
        }
        Ok(page)
    }

    /// The body of an event's webhook: in the endpoint's own version, or in the account's where it has none.
    fn delivered(&self, event: &Value) -> String {
        match self.webhooks.version() {
            None => body(&self.as_listed(event)),
            Some(version) if version == API_VERSION => body(event),
            Some(version) => body(&self.rendered(event, version)),
        }
    }
}

/// The body as Stripe writes it: indented.
fn body(event: &Value) -> String {
    serde_json::to_string_pretty(event).unwrap_or_default()
}
