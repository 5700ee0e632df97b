//! Events: what happened, as it was when it happened.

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::Outcome;
use super::{Stripe, seconds};

impl Stripe {
    /// Records an event with the object as it now is, and queues its webhook.
    pub(super) fn emit(&mut self, now_ms: u64, kind: &str, object: &Value) {
        let id = self.ids.fresh("evt_1", 23);
        let wanted = self.webhooks.wants(kind);
        let event = json!({
            "id": id,
            "object": "event",
            "api_version": self.api_version,
            "created": seconds(now_ms),
            "data": {"object": object},
            "livemode": false,
            "pending_webhooks": i32::from(wanted),
            "request": {"id": null, "idempotency_key": null},
            "type": kind,
        });
        self.webhooks.queue(now_ms, &id, body(&event), wanted);
        self.events.put(event);
    }

    /// Sends an event's webhook `times` more; false when there is no such event.
    pub fn deliver_again(&mut self, now_ms: u64, event_id: &str, times: u64) -> bool {
        let Some(event) = self.events.get(event_id) else {
            return false;
        };
        let body = body(event);
        for _ in 0..times {
            self.webhooks.resend(now_ms, event_id, body.clone());
        }
        true
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
        let (kind, kinds) = (params.text("type"), params.texts("types"));
        self.events.page("/v1/events", params, |event| {
            let this = event["type"].as_str().unwrap_or_default();
            kind.is_none_or(|kind| kind == this) && (kinds.is_empty() || kinds.contains(&this))
        })
    }
}

/// The body as Stripe writes it: indented.
fn body(event: &Value) -> String {
    serde_json::to_string_pretty(event).unwrap_or_default()
}
