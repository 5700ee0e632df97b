//! Records as they were stored before their types were taken apart: each is read, and written again as it stood.
//!
//! `recorded/*.jsonl` are items of the suites' tables: of each kind so many that every two attributes (with their values,
//! where those are words, switches or counts) that ever stood together in an item stand together here.

use crate::{AutoTopUp, ManualReview, Order, RefundRequest, SubscriptionGrant};
use serde_json::{Value, json};
use tables::{Record, Stored};

/// Attributes that older versions did not write, and what a record without one means: `*` is each id.
const ADDED: [(&str, Value); 16] = [
    ("paidBy", Value::Null),
    ("saveCard", Value::Bool(false)),
    ("cardsOnly", Value::Bool(false)),
    ("freeze/warnings", Value::Null),
    ("freeze/holds", Value::Null),
    ("reversals/objects/*/undone", Value::Bool(false)),
    ("reversals/objects/*/pending", Value::Bool(false)),
    ("reversals/objects/*/closed", Value::Bool(false)),
    ("reversals/objects/*/frozen", Value::Bool(false)),
    ("reversals/objects/*/unfrozen", Value::Bool(false)),
    ("reversals/objects/*/appeal/frozen", Value::Bool(false)),
    ("reversals/objects/*/appeal/unfrozen", Value::Bool(false)),
    ("reversals/objects/*/appeal/earlierFreezes", Value::Null),
    ("reversals/objects/*/appeal/takenAgain", Value::Null),
    ("reversals/objects/*/appeal/returned", Value::Null),
    ("reversals/objects/*/appeal/corrected", Value::Null),
];

/// What an attribute means that is not there, where [`ADDED`] cannot say it as a constant.
fn default_of(path: &str, switch: &Value) -> Value {
    match path.rsplit('/').next().unwrap_or_default() {
        "paidBy" => json!("checkout"),
        "warnings" => json!({}),
        _ if switch.is_null() => json!(0),
        _ => switch.clone(),
    }
}

/// Takes an attribute out wherever it says what its absence says. Whether any was there.
fn take_out(value: &mut Value, path: &[&str], default: &Value) -> bool {
    let Some(map) = value.as_object_mut() else { return false };
    match path {
        [] => false,
        [name] if map.get(*name) == Some(default) => map.remove(*name).is_some(),
        [_] => false,
        ["*", rest @ ..] => {
            map.values_mut().map(|inner| take_out(inner, rest, default)).filter(|taken| *taken).count() > 0
        }
        [name, rest @ ..] => map.get_mut(*name).is_some_and(|inner| take_out(inner, rest, default)),
    }
}

fn written_again<T: Record>(stored: &Value) -> Value {
    let record: T =
        serde_json::from_value(stored.clone()).unwrap_or_else(|failure| panic!("{failure}: {stored}"));
    let item = tables::encode(&record, 7).unwrap();
    let Stored { record, version } = tables::decode::<T>(item).unwrap();
    assert_eq!(version, 7);
    serde_json::to_value(&record).unwrap()
}

fn check<T: Record>(recorded: &str) {
    let mut without = 0;
    for line in recorded.lines() {
        let stored: Value = serde_json::from_str(line).unwrap();
        assert_eq!(written_again::<T>(&stored), stored);
        for (path, switch) in &ADDED {
            let mut older = stored.clone();
            let path_of_names: Vec<&str> = path.split('/').collect();
            if take_out(&mut older, &path_of_names, &default_of(path, switch)) {
                without += 1;
                assert_eq!(written_again::<T>(&older), stored, "without {path}");
            }
        }
    }
    let has_older = [Order::KIND, SubscriptionGrant::KIND].contains(&T::KIND);
    assert_eq!(without > 0, has_older, "{without} older records of {}", T::KIND);
}

#[test]
fn orders_are_written_as_they_were_stored() {
    check::<Order>(include_str!("../recorded/orders.jsonl"));
}

#[test]
fn grants_of_invoices_are_written_as_they_were_stored() {
    check::<SubscriptionGrant>(include_str!("../recorded/subscription_grants.jsonl"));
}

#[test]
fn refund_requests_are_written_as_they_were_stored() {
    check::<RefundRequest>(include_str!("../recorded/refund_requests.jsonl"));
}

#[test]
fn auto_top_up_is_written_as_it_was_stored() {
    check::<AutoTopUp>(include_str!("../recorded/auto_top_ups.jsonl"));
}

#[test]
fn manual_reviews_are_written_as_they_were_stored() {
    check::<ManualReview>(include_str!("../recorded/manual_reviews.jsonl"));
}

#[test]
fn a_reversal_that_contradicts_itself_is_not_read() {
    let reversal = |fields: Value| {
        let mut stored = json!({ "kind": "dispute", "amount": "10.00" });
        stored.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value::<crate::Reversal>(stored).map(|read| serde_json::to_value(read).unwrap())
    };
    let appeal = |fields: Value| {
        let mut stored = json!({ "openAt": "2026-11-29T15:44:46.000Z" });
        stored.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        reversal(json!({ "appeal": stored }))
    };
    let contradictions = [
        reversal(json!({ "returned": "1.00" })),
        reversal(json!({ "returned": "1.00", "undone": true })),
        reversal(json!({ "returned": "1.00", "taken": "1.00" })),
        reversal(json!({ "unfrozen": true })),
        reversal(json!({ "frozen": true, "unfrozen": true })),
        reversal(json!({ "closed": true, "unfrozen": true })),
        reversal(json!({ "pending": true })),
        reversal(json!({ "kind": "refund", "closed": true })),
        reversal(json!({ "kind": "refund", "frozen": true })),
        reversal(json!({ "kind": "refund", "unfrozen": true })),
        reversal(json!({ "kind": "refund", "appeal": { "openAt": "2026-11-29T15:44:46.000Z" } })),
        appeal(json!({ "unfrozen": true })),
        appeal(json!({ "earlierFreezes": 1 })),
    ];
    for read in contradictions {
        let failure = read.unwrap_err().to_string();
        assert!(failure.contains("contradicts itself"), "{failure}");
    }
    assert!(reversal(json!({ "closed": true })).is_ok() && appeal(json!({ "frozen": true })).is_ok());
}
