//! Events in every order: each life of a payment is lived once at the sandbox, and its events are then
//! delivered in all their orders, with duplicates, each time into empty books. Every schedule must end in the
//! one balance of its life; so must recovery alone, with all webhooks dropped.
//!
//! The prepared part of a life (orders, customers) is played into each new world with the same idempotency keys,
//! so that Stripe answers it as it did the first time.

mod lives;
mod outcome;
mod schedules;

use lives::{LIVES, Life};
use outcome::Outcome;
use schedules::Schedules;
use serde_json::Value;
use suite::stage::{Stage, WEBHOOK_SECRET, stripe_keys};
use tokio::runtime::Handle;

/// Schedules of one life: all orders where they are fewer, else so many drawn ones.
const SCHEDULES_PER_LIFE: usize = 320;

/// Schedules of all lives together, at least.
const SCHEDULES_MIN: usize = 5_000;

/// Lives one life and answers its stage and the events that are delivered.
async fn lived(life: &Life) -> (Stage, Vec<Value>) {
    let stage = Stage::new().await;
    (life.prepare)(&stage).await;
    (life.live)(&stage).await;
    let events: Vec<Value> = stage
        .events()
        .await
        .into_iter()
        .filter(|event| life.is_about(event["type"].as_str().unwrap_or_default()))
        .collect();
    assert!(events.len() >= 2, "{}: a life has events to shuffle, it has {}", life.name, events.len());
    (stage, events)
}

/// Delivers an event; says why where it is not decided.
async fn deliver(stage: &Stage, event: &Value) -> Result<(), String> {
    let body = event.to_string();
    let now = stage.world.clock.now().as_seconds();
    let header = stripe_client::signature::sign(body.as_bytes(), WEBHOOK_SECRET, now);
    let keys = stripe_keys(&[WEBHOOK_SECRET], stage.world.clock.clock());
    let answer = stage.billing.facts.receive(body.as_bytes(), Some(&header), &keys, &|| true).await;
    let kind = &event["type"];
    let decided = answer.map_err(|failure| format!("{kind}: {failure:?}"))?;
    decided.map(drop).map_err(|refusal| format!("{kind}: {refusal:?}"))
}

async fn outcome_of(stage: &Stage) -> Outcome {
    Outcome::of(stage).await
}

/// Plays a life's events in every order; answers how many schedules were played.
async fn play(life: &'static Life) -> usize {
    let (first, events) = lived(life).await;
    for event in &events {
        deliver(&first, event).await.unwrap_or_else(|why| panic!("{}: {why}", life.name));
    }
    let expected = outcome_of(&first).await;
    (life.expect)(&expected);
    let mut played = 0;
    for schedule in Schedules::new(events.len(), SCHEDULES_PER_LIFE) {
        let stage = first.again().await;
        (life.prepare)(&stage).await;
        for at in &schedule {
            let decided = deliver(&stage, &events[*at]).await;
            decided
                .unwrap_or_else(|why| panic!("{}: {why} in\n{}", life.name, described(&events, &schedule)));
        }
        let found = outcome_of(&stage).await;
        assert_eq!(found, expected, "{}: {}", life.name, described(&events, &schedule));
        played += 1;
    }
    played
}

fn described(events: &[Value], schedule: &[usize]) -> String {
    let names: Vec<String> = schedule
        .iter()
        .map(|at| {
            let object = &events[*at]["data"]["object"];
            format!("{} {} {}", events[*at]["type"], object["id"], object["status"])
        })
        .collect();
    names.join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_order_of_the_events_ends_in_one_balance() {
    let mut played = 0;
    for pair in LIVES.chunks(2) {
        let on_a_thread =
            |life: &'static Life| tokio::task::spawn_blocking(move || Handle::current().block_on(play(life)));
        let both: Vec<_> = pair.iter().map(on_a_thread).collect();
        for one in both {
            played += one.await.expect("a life is played to its end");
        }
    }
    println!("{played} schedules of {} lives", LIVES.len());
    assert!(played >= SCHEDULES_MIN, "only {played} schedules were played");
}

#[tokio::test]
async fn recovery_alone_ends_in_the_same_balance() {
    for life in LIVES {
        let (first, events) = lived(life).await;
        for event in &events {
            deliver(&first, event).await.unwrap_or_else(|why| panic!("{}: {why}", life.name));
        }
        let expected = outcome_of(&first).await;
        let stage = first.again().await;
        (life.prepare)(&stage).await;
        let run = stage.billing.recovery.run(&|| true).await.expect("a run");
        assert!(run.walked && run.undecided == 0 && run.failed == 0, "{}: {run:?}", life.name);
        assert_eq!(outcome_of(&stage).await, expected, "{}: by events", life.name);
    }
}
