//! The sweeper function over printing: its schedule, and the dead letters of the batch queue.

use crate::world::{PrintWorld, begun};
use lambda_runtime::LambdaEvent;
use printing::PrintJob;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suite::shop::context;
use tables::{Key, Record};
use terms::Timestamp;

/// Something that stands where a job should and is none.
#[derive(Clone, Serialize, Deserialize)]
struct Broken {
    due: Timestamp,
}

impl Record for Broken {
    const KIND: &'static str = PrintJob::KIND;
    fn key(&self) -> Key {
        Key::new("ORG#org_a", "JOB#broken")
    }
    fn due_at(&self) -> Option<Timestamp> {
        Some(self.due)
    }
}

pub async fn run(shop: &PrintWorld, event: Value) -> Value {
    shop.functions.sweep(LambdaEvent::new(event, context())).await.unwrap()
}

pub fn letters(bodies: &[Value]) -> Value {
    let records = bodies.iter().enumerate().map(|(number, body)| {
        json!({"messageId": format!("m{number}"), "body": body.to_string(), "attributes": {},
            "messageAttributes": {}})
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

#[tokio::test]
async fn one_bad_record_never_stops_the_rest() {
    let (shop, campaign) = begun(30).await;
    shop.fault(json!({"next": 10, "kind": "status", "status": 401}));
    shop.drain().await;
    shop.no_faults();
    shop.world.work.insert(&Broken { due: shop.world.clock.now() }).await.unwrap();
    shop.world.clock.advance_seconds(61);
    let swept = run(&shop, json!({})).await;
    assert_eq!(swept, json!({"done": 2, "failed": 1, "others": 0}));
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 30 0 0 0");
}

#[tokio::test]
async fn dead_letters_end_their_batches_and_nonsense_is_done_with() {
    let (shop, campaign) = begun(50).await;
    let messages = shop.messages();
    shop.work(&messages[0]).await.unwrap();
    let bodies = [json!({"batch": "none"}), serde_json::to_value(&messages[1]).unwrap()];
    let answer = run(&shop, letters(&bodies)).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(shop.progress(&campaign).await, ("partial 25 0 25 0".into(), "50.00 25.00 25.00".into()));
}
