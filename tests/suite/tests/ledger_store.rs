//! The store's contract: what one movement writes, what a repetition, a race and a fault do to it.

use ledger::{
    CauseKind, Command, Companions, EntryKind, EntryQuery, GrantKind, HoldStatus, Movement, Posted,
    Reference, Refusal, Vendor, VendorFigures, Watch,
};
use money::PositiveMoney;
use serde::{Deserialize, Serialize};
use serde_json::json;
use suite::movements::{hold, money, movement};
use support::{Fault, World};
use tables::{Insert, Key, Record, Replace, WorkWrite};
use terms::{HoldId, Month, OrganizationId, Timestamp};

fn settle(organization: &OrganizationId, id: &str, charge: &str) -> Movement {
    let command = Command::Settle { hold: HoldId::parse(id).unwrap(), charge: money(charge) };
    movement(organization, (CauseKind::ContactsSettle, id), command)
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    id: String,
    text: String,
}

impl Record for Note {
    const KIND: &'static str = "note";
    fn key(&self) -> Key {
        Key::new("NOTE", self.id.clone())
    }
}

#[tokio::test]
async fn a_movement_writes_account_entry_cause_hold_month_and_record_or_nothing() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    let note = Note { id: "1".to_owned(), text: "held".to_owned() };
    let with = Companions {
        work: vec![WorkWrite::insert(&note).unwrap()],
        answer: Some(json!({"status": "queued"})),
        ..Companions::default()
    };
    let posted = world.ledger.post(&hold(&org, "h1", "60"), &with).await.unwrap().unwrap();
    assert!(!posted.is_replay());
    assert_eq!(posted.receipt().held_after, money("60"));
    assert!(world.work.get::<Note>(&note.key()).await.unwrap().is_some());
    let again = Companions { work: vec![WorkWrite::insert(&note).unwrap()], ..Companions::default() };
    let refused = world.ledger.post(&hold(&org, "h2", "10"), &again).await.unwrap();
    assert_eq!(refused, Err(Refusal::RecordChanged { index: 0 }));
    assert_eq!(world.available(&org).await, "40.00");
    let figures = VendorFigures {
        vendor: Vendor::DataAxle,
        orders: 1,
        quantity: 250,
        cost: money("30.00"),
        charge: money("50.00"),
    };
    let with = Companions { vendor: Some(figures), ..Companions::default() };
    world.ledger.post(&settle(&org, "h1", "50"), &with).await.unwrap().unwrap();
    let month = world.ledger.month(Month::parse("2026-11").unwrap()).await.unwrap();
    assert_eq!((month[0].bought, month[0].spent), (money("100"), money("50")));
    assert_eq!((month[0].data_axle.quantity, month[0].data_axle.cost), (250, money("30")));
    assert_eq!(world.available(&org).await, "50.00");
}

#[tokio::test]
async fn a_repetition_is_a_replay_with_the_first_answer_and_another_body_writes_nothing() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    let with = Companions { answer: Some(json!({"purchaseId": "pur_1"})), ..Companions::default() };
    let first = world.ledger.post(&hold(&org, "h1", "60"), &with).await.unwrap().unwrap();
    let second = world.ledger.post(&hold(&org, "h1", "60"), &Companions::default()).await.unwrap().unwrap();
    assert_eq!(second, Posted::Replay(first.receipt().clone()));
    let before = world.dynamo.dump("ledger").len();
    let other = world.ledger.post(&hold(&org, "h1", "61"), &with).await.unwrap();
    assert_eq!(other, Err(Refusal::CauseReused));
    assert_eq!(world.dynamo.dump("ledger").len(), before, "a reused key with another body writes nothing");
}

#[tokio::test]
async fn the_retry_of_a_spend_that_succeeded_returns_its_receipt_not_insufficient_credits() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "60").await;
    world.post(&hold(&org, "h1", "60")).await.unwrap().unwrap();
    let again = world.post(&hold(&org, "h1", "60")).await.unwrap().unwrap();
    assert!(again.is_replay());
    let refused = world.post(&hold(&org, "h2", "60")).await.unwrap();
    assert!(matches!(refused, Err(Refusal::InsufficientCredits { .. })));
    world.buy(&org, "60").await;
    world.post(&hold(&org, "h2", "60")).await.unwrap().expect("a refused key may succeed after a top-up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_32_of_64_racers_spend_from_an_account_that_pays_for_32() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "32").await;
    let racers: Vec<_> = (0..64)
        .map(|at| {
            let (world, org) = (world.clone(), org.clone());
            tokio::spawn(async move { world.post(&hold(&org, &format!("h{at}"), "1")).await })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap().expect("no racer ends as a failure") {
            Ok(_) => won += 1,
            Err(refusal) => assert!(matches!(refusal, Refusal::InsufficientCredits { .. }), "{refusal}"),
        }
    }
    assert_eq!(won, 32);
    assert_eq!(world.available(&org).await, "0.00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_ends_exactly_once_under_64_racers() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    world.post(&hold(&org, "h1", "100")).await.unwrap().unwrap();
    let racers: Vec<_> = (0..64)
        .map(|at| {
            let (world, org) = (world.clone(), org.clone());
            let mut movement = settle(&org, "h1", "40");
            // Half of them are redeliveries of one settle, half are other causes for the same hold.
            if at % 2 == 1 {
                movement.cause.id = format!("other{at}");
            }
            tokio::spawn(async move { world.post(&movement).await })
        })
        .collect();
    let mut receipts = 0;
    for racer in racers {
        match racer.await.unwrap().expect("no racer ends as a failure") {
            Ok(Posted::Receipt(_)) => receipts += 1,
            Ok(Posted::Replay(_)) => {}
            Err(refusal) => assert_eq!(refusal, Refusal::HoldEnded { status: HoldStatus::Settled }),
        }
    }
    assert_eq!(receipts, 1);
    assert_eq!(world.available(&org).await, "60.00");
}

#[tokio::test]
async fn a_lost_answer_is_resolved_through_the_cause() {
    for fault in [Fault::FailsAfter, Fault::ServerErrorAfter, Fault::FailsBefore, Fault::Throttled] {
        let world = World::new();
        let org = world.organization("org_a");
        world.buy(&org, "100").await;
        world.dynamo.faults().next("TransactWriteItems", fault);
        let posted = world.post(&hold(&org, "h1", "60")).await.unwrap().unwrap();
        assert_eq!(posted.receipt().amount, money("-60"), "{fault:?}");
        assert_eq!(world.available(&org).await, "40.00", "{fault:?}");
    }
}

#[tokio::test]
async fn a_transaction_conflict_is_never_reported_as_insufficient_credits() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    for _ in 0..6 {
        world.dynamo.faults().next("TransactWriteItems", Fault::Conflict);
    }
    world.post(&hold(&org, "h1", "100")).await.unwrap().unwrap();
    for _ in 0..40 {
        world.dynamo.faults().next("TransactWriteItems", Fault::Conflict);
    }
    let conflict = world.post(&settle(&org, "h1", "1")).await;
    assert!(conflict.is_err(), "conflicts without end are a failure: {conflict:?}");
    world.dynamo.faults().clear();
    world.post(&settle(&org, "h1", "1")).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_uncontended_movement_is_one_read_and_one_write() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    let faults = world.dynamo.faults().clone();
    let reads = || faults.calls("GetItem") + faults.calls("BatchGetItem") + faults.calls("Query");
    let before = (reads(), faults.calls("TransactWriteItems"));
    world.post(&hold(&org, "h1", "60")).await.unwrap().unwrap();
    assert_eq!((reads() - before.0, faults.calls("TransactWriteItems") - before.1), (1, 1));
    world.post(&settle(&org, "h1", "60")).await.unwrap().unwrap();
    assert_eq!((reads() - before.0, faults.calls("TransactWriteItems") - before.1), (2, 2));
}

#[tokio::test]
async fn expired_credits_are_subtracted_when_read_and_posted_when_moved() {
    let world = World::new();
    let org = world.organization("org_a");
    let command = Command::Grant {
        kind: GrantKind::Promotional,
        amount: PositiveMoney::new(money("10")).unwrap(),
        source: "promotion".to_owned(),
        expires_at: Some(Timestamp::parse("2026-12-01T00:00:00Z").unwrap()),
    };
    world.post(&movement(&org, (CauseKind::Adjustment, "a1"), command)).await.unwrap().unwrap();
    assert_eq!(world.available(&org).await, "10.00");
    world.clock.set("2026-12-01T00:00:00Z");
    assert_eq!(world.available(&org).await, "0.00");
    world.buy(&org, "5").await;
    let statement = world.ledger.statement(&org).await.unwrap();
    let kinds: Vec<EntryKind> = statement.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EntryKind::Promotional, EntryKind::Expiry, EntryKind::Purchase]);
}

#[tokio::test]
async fn a_statement_is_paged_in_both_orders_without_gap_or_repetition() {
    let world = World::new();
    let org = world.organization("org_a");
    for _ in 0..130 {
        world.buy(&org, "1").await;
    }
    for newest_first in [true, false] {
        let mut seen = Vec::new();
        let mut query = EntryQuery { newest_first, limit: 37, ..EntryQuery::default() };
        loop {
            let page = world.ledger.entries(&org, &query).await.unwrap();
            seen.extend(page.items.iter().map(|entry| entry.seq));
            query.after_seq = page.next;
            if page.next.is_none() {
                break;
            }
        }
        let mut expected: Vec<u64> = (1..=130).collect();
        if newest_first {
            expected.reverse();
        }
        assert_eq!(seen, expected);
    }
    let none = EntryQuery { limit: 10, kind: Some(EntryKind::Charge), ..EntryQuery::default() };
    assert!(world.ledger.entries(&org, &none).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_stripe_object_belongs_to_whom_it_was_first_known_of() {
    let world = World::new();
    let (a, b) = (world.organization("org_a"), world.organization("org_b"));
    let of = |organization: &OrganizationId| Reference {
        object: "cus_1".to_owned(),
        organization: organization.clone(),
        record: "r".to_owned(),
    };
    world.ledger.remember(&of(&a)).await.unwrap();
    world.ledger.remember(&of(&b)).await.unwrap();
    assert_eq!(world.ledger.reference("cus_1").await.unwrap(), Some(of(&a)));
    let with = Companions { references: vec![of(&b)], ..Companions::default() };
    world.buy(&b, "10").await;
    let refused = world.ledger.post(&hold(&b, "h1", "1"), &with).await.unwrap();
    assert_eq!(refused, Err(Refusal::ReferenceTaken { object: "cus_1".to_owned() }));
}

#[tokio::test]
async fn an_organization_without_entries_has_nothing() {
    let world = World::new();
    let org = world.organization("org_new");
    assert_eq!(world.available(&org).await, "0.00");
    let refused = world.post(&hold(&org, "h1", "1")).await.unwrap();
    assert!(matches!(refused, Err(Refusal::InsufficientCredits { .. })));
    assert!(world.dynamo.dump("ledger").is_empty(), "a refusal writes nothing");
}

#[tokio::test]
async fn business_records_are_replaced_only_as_they_were_read() {
    let world = World::new();
    let note = Note { id: "1".to_owned(), text: "first".to_owned() };
    let with = |text: &str| Note { text: text.to_owned(), ..note.clone() };
    let Insert::Done(read) = world.work.insert(&note).await.unwrap() else { panic!("a new key") };
    assert!(matches!(world.work.insert(&with("other")).await.unwrap(), Insert::Exists(_)));
    assert!(matches!(world.work.replace(&read, &with("second")).await.unwrap(), Replace::Done(_)));
    assert!(matches!(world.work.replace(&read, &with("late")).await.unwrap(), Replace::Changed));
    // A lost answer of the very write is not mistaken for somebody else's.
    let read = world.work.get::<Note>(&note.key()).await.unwrap().unwrap();
    world.dynamo.faults().next("PutItem", Fault::FailsAfter);
    assert!(matches!(world.work.replace(&read, &with("third")).await.unwrap(), Replace::Done(_)));
}

#[track_caller]
fn assert_small(world: &World, when: &str) {
    for item in world.dynamo.dump("ledger") {
        let size = item_size(&item);
        assert!(size <= 1024, "{when}: {} {} is {size} bytes", item["pk"]["S"], item["sk"]["S"]);
    }
}

#[tokio::test]
async fn every_ledger_item_of_a_movement_with_six_lots_and_four_levels_is_at_most_1_kb() {
    let world = World::new();
    let org = world.organization("org_0123456789abcdef");
    for invoice in
        ["in_1QabcdefGHIJKLMNOPQRSTUV", "in_1QabcdefGHIJKLMNOPQRSTUW", "in_1QabcdefGHIJKLMNOPQRSTUX"]
    {
        world.buy(&org, "1234.56").await;
        let command = Command::Grant {
            kind: GrantKind::Subscription,
            amount: PositiveMoney::new(money("1234.56")).unwrap(),
            source: invoice.to_owned(),
            expires_at: Some(Timestamp::parse("2027-12-01T00:00:00Z").unwrap()),
        };
        world.post(&movement(&org, (CauseKind::Invoice, invoice), command)).await.unwrap().unwrap();
    }
    let levels = ["1000", "2500", "5000", "10000"].map(money);
    world.ledger.set_watch(&org, &Watch::new(levels).unwrap(), &[]).await.unwrap().unwrap();
    let (small, large) = ("pur_fedcba9876543210fedcba9876", "pur_0123456789abcdef0123456789");
    world.post(&hold(&org, small, "0.01")).await.unwrap().unwrap();
    assert_small(&world, "six lots and a hold");
    world.post(&hold(&org, large, "7000")).await.unwrap().unwrap();
    assert_small(&world, "a hold of six lots");
    world.post(&settle(&org, large, "1234.55")).await.unwrap().unwrap();
    assert_small(&world, "a settle that returns to five");
}

/// DynamoDB's rule: names and values in UTF-8 bytes, 3 bytes per list or map and 1 per element of it.
fn item_size(value: &serde_json::Value) -> usize {
    let attributes = value.as_object().unwrap();
    attributes.iter().map(|(name, value)| name.len() + attribute_size(value)).sum()
}

fn attribute_size(value: &serde_json::Value) -> usize {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "S" => value.as_str().unwrap().len(),
        "B" => value.as_str().unwrap().len() * 3 / 4,
        "N" => value.as_str().unwrap().len() / 2 + 1,
        "L" => 3 + value.as_array().unwrap().iter().map(|item| 1 + attribute_size(item)).sum::<usize>(),
        "M" => 3 + item_size(value) + value.as_object().unwrap().len(),
        _ => 1,
    }
}

#[tokio::test]
async fn a_hold_id_is_taken_once_whatever_the_cause() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    world.post(&hold(&org, "h1", "10")).await.unwrap().unwrap();
    let mut other = hold(&org, "h1", "20");
    other.cause.id = "another-request".to_owned();
    assert_eq!(world.post(&other).await.unwrap(), Err(Refusal::HoldExists));
}
