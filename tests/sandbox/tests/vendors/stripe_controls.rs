//! Stripe's controls, and what test code asks the state for directly.

use sandbox::{Config, Request, World};
use serde_json::{Value, json};

use crate::stripe::{SESSION, check_refused, get, id, ids, new, paid, post, request};
use crate::{HOUR_MS, NOW_MS};

struct Desk {
    world: World,
}

impl Desk {
    fn new() -> Self {
        let config = Config { seed: 1, public_url: "http://127.0.0.1:4270".to_owned() };
        Self { world: World::new(&config) }
    }

    fn ask(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::new(method, &format!("/sandbox/stripe/{path}")).with_body(body.to_string());
        let response = self.world.handle(NOW_MS, &request).response;
        (response.status, response.value())
    }

    fn act(&mut self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask("POST", path, &body);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn refuse(&mut self, path: &str, body: Value, expected: u16) {
        let (status, answer) = self.ask("POST", path, &body);
        assert_eq!(status, expected, "{path}: {answer}");
        assert!(answer["error"].is_string(), "{path}: {answer}");
    }
}

#[test]
fn old_events_are_forgotten_by_the_api_alone() {
    let mut desk = Desk::new();
    let old = id(&post(&mut desk.world.stripe, "/v1/customers", ""));
    let later_ms = NOW_MS + HOUR_MS;
    let young = desk.world.stripe.handle(later_ms, &request("POST", "/v1/customers", "")).value();
    let events: Vec<String> = desk.world.stripe.all_events().into_iter().map(id).collect();
    desk.act("events/expire", json!({"beforeSeconds": later_ms / 1_000}));
    desk.refuse("events/expire", json!({}), 400);
    let stripe = &mut desk.world.stripe;
    assert_eq!(ids(&get(stripe, "/v1/events")), [events[1].clone()]);
    let gone = stripe.handle(NOW_MS, &request("GET", &format!("/v1/events/{}", events[0]), ""));
    check_refused(&gone, 404, "invalid_request_error", "resource_missing");
    let from = format!("/v1/events?ending_before={}", events[0]);
    let gone = stripe.handle(NOW_MS, &request("GET", &from, ""));
    check_refused(&gone, 400, "invalid_request_error", "resource_missing");
    assert_eq!(stripe.all_events().len(), 2);
    assert_ne!(old, id(&young));
}

#[test]
fn a_reset_forgets_how_cards_and_refunds_were_told_to_behave() {
    let mut stripe = new();
    stripe.begin_refunds_as("pending").expect("a beginning");
    stripe.expire_events_before(i64::MAX);
    stripe.reset();
    let (intent, _) = paid(&mut stripe, SESSION);
    let refund = post(&mut stripe, "/v1/refunds", &format!("payment_intent={intent}"));
    assert_eq!(refund["status"], "succeeded");
    assert!(!ids(&get(&mut stripe, "/v1/events")).is_empty());
    assert!(stripe.objects("disputes").is_empty());
}
