//! Events and the webhooks that carry them.

use sandbox::World;
use sandbox::stripe::{Endpoint, Order};
use serde_json::{Value, json};

use crate::NOW_MS;
use crate::stripe::{SESSION, id, new, post, types};

#[test]
fn a_card_payment_raises_the_charge_the_intent_and_the_session() {
    let mut stripe = new();
    let cs = id(&post(&mut stripe, "/v1/checkout/sessions", SESSION));
    stripe.pay_session(NOW_MS, &cs, false).expect("an open session");
    let expected = [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ];
    assert_eq!(types(&stripe, 0), expected);
    let last = stripe.all_events().pop().expect("an event").clone();
    assert_eq!(last["api_version"], "2026-09-30.endive");
    assert_eq!(last["data"]["object"]["payment_status"], "paid");
    assert_eq!(last["data"]["object"]["metadata"]["order_id"], "ord_1");
}

#[test]
fn a_delayed_payment_completes_unpaid_and_its_money_comes_later_or_never() {
    let mut stripe = new();
    let mut delayed = |succeed: bool| {
        let cs = id(&post(&mut stripe, "/v1/checkout/sessions", SESSION));
        let session = stripe.pay_session(NOW_MS, &cs, true).expect("an open session");
        assert_eq!((&session["status"], &session["payment_status"]), (&json!("complete"), &json!("unpaid")));
        let seen = types(&stripe, 0);
        assert_eq!(seen[seen.len() - 2..], ["payment_intent.processing", "checkout.session.completed"]);
        let session = stripe.complete_delayed(NOW_MS, &cs, succeed).expect("a payment under way");
        assert!(stripe.complete_delayed(NOW_MS, &cs, true).is_err(), "the money came twice");
        (session["payment_status"].clone(), types(&stripe, 0).pop())
    };
    assert_eq!(delayed(true), (json!("paid"), Some("checkout.session.async_payment_succeeded".to_owned())));
    assert_eq!(delayed(false), (json!("unpaid"), Some("checkout.session.async_payment_failed".to_owned())));
}

#[test]
fn held_webhooks_go_in_the_order_asked_for() {
    let order = |order: Order| -> Vec<Value> {
        let mut stripe = new();
        stripe.set_webhook_endpoint(Some(Endpoint::new("http://receiver.localhost:1/hook")));
        stripe.hold_webhooks(true);
        for _ in 0..6 {
            post(&mut stripe, "/v1/customers", "");
        }
        assert!(stripe.due_webhooks(NOW_MS).is_empty());
        assert_eq!(stripe.release_webhooks(NOW_MS, order), 6);
        let sent = stripe.due_webhooks(NOW_MS);
        assert!(sent.iter().all(|outgoing| outgoing.alone));
        sent.iter().map(|outgoing| json!(outgoing.event_id)).collect()
    };
    let forward = order(Order::Forward);
    let mut reverse = order(Order::Reverse);
    assert_ne!(forward, reverse);
    reverse.reverse();
    assert_eq!(forward, reverse);
    let shuffled = order(Order::Shuffle(7));
    assert_ne!(shuffled, forward);
    assert_eq!(shuffled, order(Order::Shuffle(7)));
}

#[test]
fn a_duplicate_is_the_same_event_with_the_same_body() {
    let mut stripe = new();
    stripe.set_webhook_endpoint(Some(Endpoint::new("http://receiver.localhost:1/hook")));
    post(&mut stripe, "/v1/customers", "");
    let first = stripe.due_webhooks(NOW_MS).remove(0);
    assert!(stripe.deliver_again(NOW_MS, &first.event_id, 100));
    let copies = stripe.due_webhooks(NOW_MS);
    assert_eq!(copies.len(), 100);
    assert!(copies.iter().all(|copy| copy.body == first.body && copy.event_id == first.event_id));
    assert!(!stripe.deliver_again(NOW_MS, "evt_none", 1));
}

#[test]
fn an_endpoint_gets_the_events_it_asked_for_signed_with_each_secret() {
    let mut stripe = new();
    stripe.set_webhook_endpoint(Some(Endpoint {
        secrets: vec!["whsec_new".to_owned(), "whsec_old".to_owned()],
        types: vec!["checkout.session.completed".to_owned()],
        ..Endpoint::new("http://receiver.localhost:1/hook")
    }));
    let cs = id(&post(&mut stripe, "/v1/checkout/sessions", SESSION));
    stripe.pay_session(NOW_MS, &cs, false).expect("an open session");
    let sent = stripe.due_webhooks(NOW_MS);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].signature.matches(",v1=").count(), 2);
}

#[test]
fn a_reset_forgets_everything_but_the_endpoint_and_never_repeats_an_id() {
    let mut world = World::new(&sandbox::Config { seed: 1, public_url: "http://127.0.0.1:1".to_owned() });
    world.stripe.set_webhook_endpoint(Some(Endpoint::new("http://receiver.localhost:1/hook")));
    let first = id(&post(&mut world.stripe, "/v1/customers", ""));
    world.reset();
    assert_eq!(world.stripe.counters()["customersCreated"], 0);
    let second = id(&post(&mut world.stripe, "/v1/customers", ""));
    assert_ne!(first, second);
    assert_eq!(world.stripe.due_webhooks(NOW_MS).len(), 1);
}
