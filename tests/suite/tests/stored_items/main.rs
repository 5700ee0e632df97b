//! Records as they were stored before their types changed shape: each is read, and written again as the same item.

#![expect(clippy::unwrap_used, reason = "tests")]

use audience::Purchase;
use printing::{Batch, Campaign, JobView, PrintJob};
use recipients::RecipientList;
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};
use serde_json::Value;
use tables::{Record, Stored, decode, encode};

/// The records of a file of stored items, each with its row. A row is `{what, item}`, and what an owner was shown of it
/// where that was recorded too.
fn read<T: Record>(file: &str) -> Vec<(Value, Stored<T>)> {
    let rows: Vec<Value> = serde_json::from_str(file).unwrap();
    assert!(rows.len() >= 2, "states are recorded");
    let decoded = |row: Value| {
        let stored = decode(to_item(&row["item"]).unwrap());
        let stored = stored.unwrap_or_else(|failure| panic!("{}: {failure}", row["what"]));
        (row, stored)
    };
    rows.into_iter().map(decoded).collect()
}

fn check_written_the_same<T: Record>(file: &str) {
    for (row, stored) in read::<T>(file) {
        let written: Value = from_item(encode(&stored.record, stored.version).unwrap()).unwrap();
        assert_eq!(written, row["item"], "{}", row["what"]);
    }
}

#[test]
fn recipient_lists_are_written_as_they_were() {
    check_written_the_same::<RecipientList>(include_str!("recipient_lists.json"));
}

#[test]
fn campaigns_are_written_as_they_were() {
    check_written_the_same::<Campaign>(include_str!("campaigns.json"));
}

#[test]
fn print_jobs_are_written_as_they_were() {
    check_written_the_same::<PrintJob>(include_str!("print_jobs.json"));
}

#[test]
fn batches_are_written_as_they_were() {
    check_written_the_same::<Batch>(include_str!("print_batches.json"));
}

#[test]
fn purchases_are_written_as_they_were() {
    check_written_the_same::<Purchase>(include_str!("purchases.json"));
}

#[test]
fn an_owner_is_shown_the_same_of_a_stored_job() {
    for (row, stored) in read::<PrintJob>(include_str!("print_jobs.json")) {
        let shown = serde_json::to_value(JobView::from(stored.record)).unwrap();
        assert_eq!(shown, row["shown"], "{}", row["what"]);
    }
}
