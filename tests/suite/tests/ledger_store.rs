//! The store's contract: what one movement writes, what a repetition, a race and a fault do to it.

use ledger::{
    CauseKind, Command, Companions, EntryKind, EntryQuery, GrantKind, HoldStatus, Movement, Posted,
    Reference, Refusal, RememberOutcome, Vendor, VendorFigures, Watch,
};
use serde_json::json;
use suite::movements::{Note, hold, money, movement, note, positive};
use support::{Fault, World, records::item_size};
use tables::{Insert, Record, Replace, Together, WorkWrite};
use terms::{HoldId, Month, OrganizationId, Timestamp};

fn settle(organization: &OrganizationId, id: &str, charge: &str) -> Movement {
    let command = Command::Settle { hold: HoldId::parse(id).unwrap(), charge: money(charge) };
    movement(organization, (CauseKind::ContactsSettle, id), command)
}

#[tokio::test]
async fn a_movement_writes_account_entry_cause_hold_month_and_record_or_nothing() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    let note = note("1", "held");
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
    let faults =
        [Fault::FailsAfter, Fault::ServerErrorAfter, Fault::FailsBefore, Fault::Throttled, Fault::Conflict];
    for fault in faults {
        let world = World::new();
        let org = world.organization("org_a");
        world.buy(&org, "60").await;
        let with = Companions {
            work: vec![WorkWrite::insert(&note("1", "held")).unwrap()],
            ..Companions::default()
        };
        world.dynamo.faults().next("TransactWriteItems", fault);
        let posted = world.ledger.post(&hold(&org, "h1", "60"), &with).await.unwrap().unwrap();
        assert_eq!(posted.receipt().amount, money("-60"), "{fault:?}");
        assert_eq!(world.available(&org).await, "0.00", "{fault:?}");
        // The record's condition fails now, the account cannot pay, and still it is a replay.
        let again = world.ledger.post(&hold(&org, "h1", "60"), &with).await.unwrap().unwrap();
        assert!(again.is_replay(), "{fault:?}");
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
}

#[tokio::test]
async fn a_filter_that_finds_nothing_reads_a_bounded_part_of_a_long_statement_at_a_time() {
    let world = World::new();
    let org = world.organization("org_a");
    for _ in 0..1_050 {
        world.buy(&org, "1").await;
    }
    let before = world.dynamo.faults().calls("Query");
    let query =
        EntryQuery { newest_first: true, limit: 10, kind: Some(EntryKind::Charge), ..EntryQuery::default() };
    let page = world.ledger.entries(&org, &query).await.unwrap();
    let queries = world.dynamo.faults().calls("Query") - before;
    assert!(queries <= 10, "{queries} queries for one page");
    assert!(page.items.is_empty());
    let rest = EntryQuery { after_seq: page.next, ..query.clone() };
    assert!(page.next.is_some() && world.ledger.entries(&org, &rest).await.unwrap().next.is_none());
    let ahead = Some(world.clock.now().plus_seconds(1));
    let before = world.dynamo.faults().calls("Query");
    world.ledger.entries(&org, &EntryQuery { from: ahead, kind: None, ..query }).await.unwrap();
    assert_eq!(world.dynamo.faults().calls("Query") - before, 1);
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
async fn a_reference_that_meets_a_transaction_is_written_anew() {
    let world = World::new();
    let organization = world.organization("org_a");
    let reference = Reference { object: "cs_1".to_owned(), organization, record: "ord_1".to_owned() };
    for fault in [Fault::Conflict, Fault::Conflict, Fault::FailsAfter] {
        world.dynamo.faults().next("PutItem", fault);
    }
    assert_eq!(world.ledger.remember(&reference).await.unwrap(), RememberOutcome::Done);
    assert_eq!(world.ledger.reference("cs_1").await.unwrap(), Some(reference));
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
    let Insert::Done(read) = world.work.insert(&note("1", "first")).await.unwrap() else {
        panic!("a new key")
    };
    assert!(matches!(world.work.insert(&note("1", "other")).await.unwrap(), Insert::Exists(_)));
    assert!(matches!(world.work.replace(&read, &note("1", "second")).await.unwrap(), Replace::Done(_)));
    assert!(matches!(world.work.replace(&read, &note("1", "late")).await.unwrap(), Replace::Changed));
}

#[tokio::test]
async fn of_two_workers_who_write_the_very_same_lease_one_has_it() {
    let world = World::new();
    let Insert::Done(free) = world.work.insert(&note("1", "free")).await.unwrap() else {
        panic!("a new key")
    };
    assert!(matches!(world.work.replace(&free, &note("1", "taken")).await.unwrap(), Replace::Done(_)));
    assert!(matches!(world.work.replace(&free, &note("1", "taken")).await.unwrap(), Replace::Changed));
    assert!(matches!(world.work.insert(&note("2", "free")).await.unwrap(), Insert::Done(_)));
    assert!(matches!(world.work.insert(&note("2", "free")).await.unwrap(), Insert::Exists(_)));
}

#[tokio::test]
async fn of_two_transactions_with_one_write_in_common_the_second_is_refused_whole() {
    let world = World::new();
    let Insert::Done(free) = world.work.insert(&note("1", "free")).await.unwrap() else {
        panic!("a new key")
    };
    let writes = |other: &str| {
        [
            WorkWrite::replace(&free, &note("1", "taken")).unwrap(),
            WorkWrite::insert(&note(other, "free")).unwrap(),
        ]
    };
    assert_eq!(world.work.write_together(&writes("2")).await.unwrap(), Together::Done);
    assert_eq!(world.work.write_together(&writes("3")).await.unwrap(), Together::Refused { index: 0 });
    assert!(world.work.get::<Note>(&note("3", "free").key()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_lost_answer_is_known_again_as_the_own_write() {
    for fault in [Fault::FailsAfter, Fault::ServerErrorAfter] {
        let world = World::new();
        world.dynamo.faults().next("PutItem", fault);
        let Insert::Done(free) = world.work.insert(&note("1", "free")).await.unwrap() else {
            panic!("{fault:?}")
        };
        world.dynamo.faults().next("PutItem", fault);
        let Replace::Done(taken) = world.work.replace(&free, &note("1", "taken")).await.unwrap() else {
            panic!("{fault:?}")
        };
        world.dynamo.faults().next("TransactWriteItems", fault);
        let write = WorkWrite::replace(&taken, &note("1", "free")).unwrap();
        assert_eq!(world.work.write_together(&[write]).await.unwrap(), Together::Done, "{fault:?}");
    }
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
            amount: positive("1234.56"),
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
