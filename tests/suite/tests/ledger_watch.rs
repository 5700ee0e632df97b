//! Watched levels and expiries on the store: a crossing is noted once, in the movement's own transaction; no
//! movement puts back an older watch; what the clock ends is posted once.

use ledger::{CauseKind, Companions, Crossing, Watch, due_organization, keys};
use money::Money;
use suite::movements::{Note, hold, money, note, promotion};
use support::{Fault, Gate, World};
use tables::{DueItem, Insert, Key, Record, Replace, WorkWrite};
use terms::OrganizationId;

fn watch(levels: &[&str]) -> Watch {
    Watch::new(levels.iter().map(|level| money(level))).unwrap()
}

async fn set(world: &World, organization: &OrganizationId, levels: &[&str]) {
    world.ledger.set_watch(organization, &watch(levels), &[]).await.unwrap().unwrap();
}

/// Every note in the table, in the order of its sort keys: of entries, then of times.
async fn notes(world: &World) -> Vec<Crossing> {
    let text = |item: &serde_json::Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
    let stored = world.dynamo.dump("ledger");
    let keys = stored.iter().map(|item| Key::new(text(item, "pk"), text(item, "sk")));
    let mut keys: Vec<Key> = keys.filter(|key| key.sk.starts_with("CROSSING#")).collect();
    keys.sort_by(|one, other| one.sk.cmp(&other.sk));
    let mut found = Vec::new();
    for key in keys {
        found.push(world.ledger.crossing(&key).await.unwrap().expect("it stands"));
    }
    found
}

async fn due(world: &World) -> Vec<Key> {
    let due: Vec<DueItem> = world.ledger.due(world.clock.now()).await.unwrap();
    due.into_iter().map(|item| item.key).collect()
}

#[tokio::test]
async fn a_crossing_is_noted_once_with_its_movement_and_is_due_until_it_is_passed_on() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    set(&world, &org, &["50", "20"]).await;
    assert_eq!(notes(&world).await, []);
    world.post(&hold(&org, "h1", "60")).await.unwrap().unwrap();
    let again = world.post(&hold(&org, "h1", "60")).await.unwrap().unwrap();
    assert!(again.is_replay());
    let expected = Crossing {
        organization: org.clone(),
        seq: 2,
        cause: Some(CauseKind::ContactsHold),
        fell_below: vec![money("50")],
        rose_to: Vec::new(),
        available: money("40"),
        at: world.clock.now(),
    };
    assert_eq!(notes(&world).await, std::slice::from_ref(&expected));
    let keys = due(&world).await;
    assert_eq!(keys, [keys::crossing(&expected)]);
    assert_eq!(due_organization(&keys[0]), Some(org.clone()));
    for _ in 0..2 {
        world.ledger.crossing_passed_on(&keys[0]).await.unwrap();
        assert!(due(&world).await.is_empty());
    }
    // It stays readable, and a movement that crosses nothing leaves no other.
    assert_eq!(world.ledger.crossing(&keys[0]).await.unwrap(), Some(expected));
    world.post(&hold(&org, "h2", "20")).await.unwrap().unwrap();
    assert_eq!(notes(&world).await.len(), 1, "20.00 is not below 20.00");
}

#[tokio::test]
async fn levels_can_be_set_before_the_first_entry_and_the_first_movement_keeps_them() {
    let world = World::new();
    let org = world.organization("org_a");
    set(&world, &org, &["50"]).await;
    let account = world.ledger.account(&org).await.unwrap();
    assert_eq!((account.seq, account.watch.clone()), (0, watch(&["50"])));
    assert_eq!(world.available(&org).await, "0.00");
    let first = notes(&world).await;
    assert_eq!((first.len(), first[0].seq, first[0].cause), (1, 0, None), "nothing is below 50.00");
    world.buy(&org, "60").await;
    assert_eq!(world.ledger.account(&org).await.unwrap().watch, watch(&["50"]));
    let noted = notes(&world).await;
    assert_eq!((noted[1].seq, &noted[1].rose_to[..]), (1, &[money("50")][..]));
}

#[tokio::test]
async fn levels_that_were_removed_before_the_first_entry_do_not_keep_it_out() {
    let world = World::new();
    let org = world.organization("org_a");
    set(&world, &org, &["50"]).await;
    set(&world, &org, &[]).await;
    world.buy(&org, "60").await;
    assert_eq!((notes(&world).await.len(), world.available(&org).await), (1, "60.00".to_owned()));
}

#[tokio::test]
async fn setting_levels_changes_nothing_else_of_the_account_and_no_entry() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    world.post(&promotion(&org, "a1", "10", "2026-12-01T00:00:00Z")).await.unwrap().unwrap();
    world.post(&hold(&org, "h1", "60")).await.unwrap().unwrap();
    let before = world.ledger.account(&org).await.unwrap();
    let key = keys::account(&org);
    let due_before = world.dynamo.item("ledger", &key.pk, &key.sk).unwrap()["dueAt"].clone();
    set(&world, &org, &["10", "70"]).await;
    let after = world.ledger.account(&org).await.unwrap();
    assert_eq!(after, ledger::Account { watch: watch(&["10", "70"]), ..before });
    assert_eq!(world.dynamo.item("ledger", &key.pk, &key.sk).unwrap()["dueAt"], due_before);
    set(&world, &org, &[]).await;
    let stored = world.dynamo.item("ledger", &key.pk, &key.sk).unwrap();
    assert!(stored.get("watch").is_none(), "no level takes no room");
}

/// What IAM holds them to (template.yaml): of an account the one attribute, and puts in a partition of their own.
#[tokio::test]
async fn whoever_sets_levels_writes_nothing_of_the_books() {
    let world = World::new();
    let org = world.organization("org_a");
    let key = keys::account(&org);
    set(&world, &org, &["50"]).await;
    let alone = world.dynamo.item("ledger", &key.pk, &key.sk).unwrap();
    let mut names: Vec<&String> = alone.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["pk", "sk", "watch"], "levels alone");
    world.buy(&org, "10").await;
    let before = world.dynamo.dump("ledger");
    set(&world, &org, &["20"]).await;
    for (was, is) in before.iter().filter_map(|was| Some((was, same(&world, was)?))) {
        let (mut was, mut is) = (was.clone(), is);
        for item in [&mut was, &mut is] {
            item.as_object_mut().unwrap().remove("watch");
        }
        assert_eq!(was, is);
    }
    let partitions: Vec<String> = world
        .dynamo
        .dump("ledger")
        .iter()
        .filter(|item| !before.iter().any(|was| was["pk"] == item["pk"] && was["sk"] == item["sk"]))
        .map(|item| item["pk"]["S"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(partitions, ["WATCH#org_a"]);
    assert_eq!(due_organization(&due(&world).await[0]), Some(org));
}

/// The item that stands under the key of `was`.
fn same(world: &World, was: &serde_json::Value) -> Option<serde_json::Value> {
    world.dynamo.item("ledger", was["pk"]["S"].as_str()?, was["sk"]["S"].as_str()?)
}

#[tokio::test]
async fn levels_set_below_each_other_in_one_millisecond_leave_a_note_each() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "10").await;
    let levels: [&[&str]; 4] = [&["20"], &["20", "50"], &[], &["20"]];
    for levels in levels {
        set(&world, &org, levels).await;
    }
    let found: Vec<Vec<Money>> = notes(&world).await.into_iter().map(|note| note.fell_below).collect();
    assert_eq!(found, [[money("20")], [money("50")]], "the last setting's note is the first one's");
}

#[tokio::test]
async fn levels_and_the_record_that_they_come_from_are_written_together_or_not_at_all() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "10").await;
    let first = note("1", "first");
    let Insert::Done(read) = world.work.insert(&first).await.unwrap() else { panic!("a new key") };
    let late = WorkWrite::replace(&read, &note("1", "late")).unwrap();
    let Replace::Done(read) = world.work.replace(&read, &note("1", "second")).await.unwrap() else {
        panic!("as it was read")
    };
    let other = note("2", "first");
    let work = [WorkWrite::insert(&other).unwrap(), late];
    let answer = world.ledger.set_watch(&org, &watch(&["20"]), &work).await.unwrap();
    assert_eq!(answer, Err(1), "the second record has changed");
    assert!(world.ledger.account(&org).await.unwrap().watch.is_empty());
    assert_eq!(notes(&world).await, []);
    assert!(world.work.get::<Note>(&other.key()).await.unwrap().is_none());
    let work = [WorkWrite::insert(&other).unwrap(), WorkWrite::replace(&read, &note("1", "third")).unwrap()];
    world.ledger.set_watch(&org, &watch(&["20"]), &work).await.unwrap().unwrap();
    assert_eq!(world.ledger.account(&org).await.unwrap().watch, watch(&["20"]));
    assert_eq!(notes(&world).await.len(), 1);
    let stored = world.work.get::<Note>(&first.key()).await.unwrap().unwrap();
    assert_eq!((stored.record.text.as_str(), stored.version), ("third", 3));
}

#[tokio::test]
async fn setting_levels_meets_conflicts_and_says_when_its_answer_was_lost() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "10").await;
    for fault in [Fault::Conflict, Fault::Throttled] {
        world.dynamo.faults().next("TransactWriteItems", fault);
    }
    set(&world, &org, &["20"]).await;
    world.dynamo.faults().next("TransactWriteItems", Fault::FailsAfter);
    let lost = world.ledger.set_watch(&org, &watch(&["30"]), &[]).await;
    assert!(lost.is_err(), "{lost:?}");
    set(&world, &org, &["30"]).await;
    let found: Vec<Vec<Money>> = notes(&world).await.into_iter().map(|note| note.fell_below).collect();
    assert_eq!(found, [[money("20")], [money("30")]], "the repetition finds its level watched already");
}

#[tokio::test]
async fn a_movement_that_was_decided_before_levels_were_set_is_decided_again_by_the_new_ones() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    set(&world, &org, &["90"]).await;
    let gate = Gate::default();
    let (slow, movement) = (world.ledger_behind(&gate), hold(&org, "h1", "60"));
    let posting = tokio::spawn(async move { slow.post(&movement, &Companions::default()).await });
    gate.reached().await;
    set(&world, &org, &["50"]).await;
    gate.open();
    posting.await.unwrap().unwrap().unwrap();
    let account = world.ledger.account(&org).await.unwrap();
    assert_eq!((account.seq, account.watch), (2, watch(&["50"])), "the old levels are not put back");
    let found: Vec<Vec<Money>> = notes(&world).await.into_iter().map(|note| note.fell_below).collect();
    assert_eq!(found, [[money("50")]], "the level that stands is noted, the one that is gone is not");
}

#[tokio::test]
async fn levels_that_were_set_before_a_movement_came_first_are_set_on_what_it_left() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "100").await;
    set(&world, &org, &["90"]).await;
    let gate = Gate::default();
    let (slow, whose) = (world.ledger_behind(&gate), org.clone());
    let setting = tokio::spawn(async move { slow.set_watch(&whose, &watch(&["50"]), &[]).await });
    gate.reached().await;
    world.post(&hold(&org, "h1", "60")).await.unwrap().unwrap();
    gate.open();
    setting.await.unwrap().unwrap().unwrap();
    let account = world.ledger.account(&org).await.unwrap();
    assert_eq!((account.seq, account.watch), (2, watch(&["50"])), "the movement is not put back");
    let found: Vec<_> = notes(&world).await.into_iter().map(|note| (note.cause, note.fell_below)).collect();
    let expected = [(Some(CauseKind::ContactsHold), vec![money("90")]), (None, vec![money("50")])];
    assert_eq!(found, expected, "each by what stood when it was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_64_racers_no_setting_is_lost_and_each_crossing_is_noted_once() {
    let world = World::new();
    let org = world.organization("org_a");
    world.buy(&org, "64").await;
    set(&world, &org, &["32"]).await;
    let racers: Vec<_> = (0..64)
        .map(|at| {
            let (world, org) = (world.clone(), org.clone());
            tokio::spawn(async move { world.post(&hold(&org, &format!("h{at}"), "1")).await })
        })
        .collect();
    // One by one, so that the level which must stand after each is known; 32 is always among them.
    for at in 1..=16 {
        let level = format!("{at}.50");
        set(&world, &org, &["32", &level]).await;
        let stands = world.ledger.account(&org).await.unwrap().watch;
        assert_eq!(stands, watch(&["32", &level]), "a movement put back older levels");
    }
    for racer in racers {
        racer.await.unwrap().expect("no racer ends as a failure").unwrap();
    }
    assert_eq!(world.ledger.account(&org).await.unwrap().watch, watch(&["32", "16.50"]));
    let statement = world.ledger.statement(&org).await.unwrap();
    let crosses = |seq: u64, level: Money| {
        let entry = statement.iter().find(|entry| entry.seq == seq).unwrap();
        entry.available_before >= level && level > entry.available_after
    };
    let found = notes(&world).await;
    for note in found.iter().filter(|note| note.cause.is_some()) {
        assert!(note.fell_below.iter().all(|level| crosses(note.seq, *level)), "{note:?}");
    }
    let of_32 = found.iter().filter(|note| note.fell_below.contains(&money("32")));
    let of_32: Vec<u64> = of_32.map(|note| note.seq).collect();
    let expected = statement.iter().map(|entry| entry.seq).filter(|seq| crosses(*seq, money("32")));
    assert_eq!(of_32, expected.collect::<Vec<_>>());
}
