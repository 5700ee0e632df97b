//! Recovery: what webhooks did not bring is read again, of any age; what cannot be decided now holds nothing up, and
//! nothing is skipped.

mod appeals;
mod cut;
mod events;
mod failures;
mod lanes;
mod open;
mod turns;
mod versions;

use serde_json::{Value, json};
use suite::shop::Shop;

const HOUR: i64 = 3600;

async fn recovered(shop: &Shop) -> Value {
    let run = shop.recover().await.expect("a run");
    assert_eq!((&run["failed"], &run["kept"], &run["walked"]), (&json!(0), &json!(0), &json!(true)), "{run}");
    run
}

/// The next calls of this kind go wrong: all three attempts of one request.
async fn reads_fail(shop: &Shop, kind: &str, path: &str, requests: u32) {
    shop.stripe_fails("GET", path, kind, 3 * requests).await;
}

/// The events that wait to be read again.
fn undecided_due(shop: &Shop) -> usize {
    let stored = shop.world.dynamo.dump("work");
    stored.iter().filter(|item| item["kind"]["S"] == "kept-event" && item["dueAt"]["S"].is_string()).count()
}
