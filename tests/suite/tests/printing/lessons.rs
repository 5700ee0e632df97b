//! Rows of lessons.md that print jobs meet, under the names they have there.

use crate::{
    sweeper::{letters, run},
    world::PrintWorld,
};
use futures::future::join_all;
use platform::{Deadline, queue::run_batch};
use printing::{BatchMessage, PrintingFailure};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

const MINUTE: i64 = 60;

#[tokio::test]
async fn parallel_batches_never_spend_more_than_the_hold() {
    let shop = PrintWorld::with_credits("130.00").await;
    let campaign = shop.begun(120).await;
    let messages = shop.messages();
    assert_eq!(messages.len(), 5);
    assert_eq!(shop.world.available(&shop.org).await, "10.00");
    // All batches at once, each delivered twice, while the vendor loses answers and breaks down.
    shop.fault(json!({"next": 2, "kind": "status-after-effect", "status": 503, "skip": 10}));
    shop.fault(json!({"next": 1, "kind": "drop", "skip": 40}));
    for answer in join_all(messages.iter().chain(&messages).map(|message| shop.work(message))).await {
        answer.unwrap();
    }
    shop.no_faults();
    for _ in 0..8 {
        shop.later(16 * MINUTE).await;
        let balance = shop.world.ledger.balance(&shop.org).await.unwrap();
        assert!(!balance.available.is_negative() && balance.held.cents() <= 12_000);
    }
    let job = shop.status(&campaign).await;
    assert_eq!(job.status, "completed");
    assert_eq!((job.held.to_string(), job.charged.to_string()), ("120.00".into(), "120.00".into()));
    assert_eq!(shop.printed().0, 120, "as many cards as were charged");
    assert_eq!(shop.world.available(&shop.org).await, "10.00");
}

/// A queue with a dead-letter queue behind five receives, as template.yaml has them.
struct Redriven {
    waiting: Vec<Value>,
    receives: BTreeMap<String, u32>,
    dead: Vec<Value>,
}

const RECEIVES_MAX: u32 = 5;

impl Redriven {
    /// Hands out what waits as one event and keeps what comes back as failed. Returns how many were handed
    /// out.
    async fn deliver<F>(&mut self, handler: &impl Fn(BatchMessage, Deadline) -> F) -> usize
    where
        F: Future<Output = Result<(), PrintingFailure>>,
    {
        let batch = std::mem::take(&mut self.waiting);
        let event = serde_json::from_value(letters(&batch)).unwrap();
        let response = run_batch(event, Deadline::after(Duration::from_secs(300)), handler).await;
        for failed in response.batch_item_failures {
            let number: usize = failed.item_identifier.trim_start_matches('m').parse().unwrap();
            let receives = self.receives.entry(batch[number].to_string()).or_default();
            *receives += 1;
            let next = if *receives == RECEIVES_MAX { &mut self.dead } else { &mut self.waiting };
            next.push(batch[number].clone());
        }
        batch.len()
    }
}

#[tokio::test]
async fn one_poison_message_of_ten_is_retried_alone_then_dead_lettered() {
    let shop = PrintWorld::with_credits("250.00").await;
    let campaign = shop.begun(250).await;
    let waiting: Vec<Value> =
        shop.messages().iter().map(|message| serde_json::to_value(message).unwrap()).collect();
    let mut queue = Redriven { waiting, receives: BTreeMap::new(), dead: Vec::new() };
    let poison = queue.waiting[3].clone();
    let handler = async |message: BatchMessage, _: Deadline| {
        assert_ne!(serde_json::to_value(&message).unwrap(), poison, "it cannot be worked on");
        shop.work(&message).await
    };
    let handler = |message, deadline| Box::pin(handler(message, deadline));
    let mut handed_out = Vec::new();
    while !queue.waiting.is_empty() {
        handed_out.push(queue.deliver(&handler).await);
    }
    assert_eq!(handed_out, [10, 1, 1, 1, 1], "only the poison comes again");
    assert_eq!(queue.dead, std::slice::from_ref(&poison));
    assert_eq!(shop.printed(), (225, 225, 1), "the other nine were done once");
    assert_eq!(shop.progress(&campaign).await.0, "printing 225 0 0 0");
    assert_eq!(run(&shop, letters(&queue.dead)).await, json!({"batchItemFailures": []}));
    assert_eq!(shop.progress(&campaign).await, ("partial 225 0 25 0".into(), "250.00 225.00 25.00".into()));
    assert_eq!(shop.world.available(&shop.org).await, "25.00");
}
