//! What the clock ends: accounts are due when credits of theirs are, and each expiry is posted once.

use ledger::{CauseKind, Companions, EntryKind, Posted, Refusal, Watch, keys};
use money::Money;
use suite::movements::{hold, money, promotion};
use support::{Fault, Gate, World};
use terms::{Actor, OrganizationId};

/// 30 paid credits, 10 that end on 1 December and 5 that end a day later.
async fn organization_with_promotions(world: &World) -> OrganizationId {
    let org = world.organization("org_a");
    world.buy(&org, "30").await;
    for (id, amount, ends) in [("a1", "10", "2026-12-01T00:00:00Z"), ("a2", "5", "2026-12-02T00:00:00Z")] {
        world.post(&promotion(&org, id, amount, ends)).await.unwrap().unwrap();
    }
    org
}

async fn kinds(world: &World, organization: &OrganizationId) -> Vec<EntryKind> {
    let statement = world.ledger.statement(organization).await.unwrap();
    statement[3..].iter().map(|entry| entry.kind).collect()
}

async fn expire(world: &World, organization: &OrganizationId) -> Result<Posted, Refusal> {
    world.ledger.expire(organization, Actor::system("sweeper")).await.unwrap()
}

#[tokio::test]
async fn an_account_is_due_when_its_next_credits_end_and_no_longer_once_that_is_posted() {
    let world = World::new();
    let org = organization_with_promotions(&world).await;
    let due = async || {
        let due = world.ledger.due(world.clock.now()).await.unwrap();
        due.into_iter().map(|item| (item.key, item.due_at.to_string())).collect::<Vec<_>>()
    };
    assert!(due().await.is_empty());
    assert_eq!(expire(&world, &org).await, Err(Refusal::NothingExpired));
    world.clock.set("2026-12-01T00:00:00Z");
    assert_eq!(due().await, [(keys::account(&org), "2026-12-01T00:00:00.000Z".to_owned())]);
    let posted = expire(&world, &org).await.unwrap();
    assert_eq!((posted.receipt().seq, posted.receipt().amount), (4, money("-10")));
    assert!(due().await.is_empty(), "the next ones end a day later");
    assert_eq!(expire(&world, &org).await, Err(Refusal::NothingExpired));
    world.clock.set("2026-12-03T00:00:00Z");
    assert_eq!(due().await.len(), 1);
    expire(&world, &org).await.unwrap();
    assert!(due().await.is_empty());
    assert_eq!(kinds(&world, &org).await, [EntryKind::Expiry, EntryKind::Expiry]);
    assert_eq!(world.available(&org).await, "30.00");
}

#[tokio::test]
async fn expiries_stand_in_their_entries_only_and_as_many_lots_as_there_are_end_at_once() {
    let world = World::new();
    let org = world.organization("org_a");
    for at in 0..32 {
        let id = format!("a{at}");
        world.post(&promotion(&org, &id, "1", "2026-12-01T00:00:00Z")).await.unwrap().unwrap();
    }
    let causes = || {
        let items = world.dynamo.dump("ledger");
        items.iter().filter(|item| item["pk"]["S"].as_str().unwrap().starts_with("CAUSE#")).count()
    };
    let before = causes();
    world.clock.set("2026-12-01T00:00:00Z");
    let posted = expire(&world, &org).await.unwrap();
    assert_eq!((posted.receipt().seq, posted.receipt().available_after), (64, Money::ZERO));
    assert_eq!(causes(), before, "the account's sequence is their guard");
    let statement = world.ledger.statement(&org).await.unwrap();
    let ended = statement.iter().filter(|entry| entry.kind == EntryKind::Expiry);
    let ended: Vec<String> = ended.map(|entry| entry.cause.id.clone()).collect();
    assert_eq!(ended, (1..=32).map(|lot| format!("L{lot}")).collect::<Vec<_>>());
    assert!(statement.iter().skip(32).all(|entry| entry.actor == Actor::system("sweeper")));
}

#[tokio::test]
async fn an_expiry_whose_answer_was_lost_is_posted_once() {
    for fault in [Fault::FailsBefore, Fault::FailsAfter, Fault::ServerErrorAfter, Fault::Conflict] {
        let world = World::new();
        let org = organization_with_promotions(&world).await;
        world.clock.set("2026-12-01T00:00:00Z");
        world.dynamo.faults().next("TransactWriteItems", fault);
        let answer = expire(&world, &org).await;
        // Nothing tells an expiry of ours from another's: what was carried out is found to be no longer due.
        let carried_out = matches!(fault, Fault::FailsAfter | Fault::ServerErrorAfter);
        assert_eq!(answer == Err(Refusal::NothingExpired), carried_out, "{fault:?}: {answer:?}");
        assert_eq!(kinds(&world, &org).await, [EntryKind::Expiry], "{fault:?}");
    }
}

#[tokio::test]
async fn a_hold_that_comes_first_posts_the_expiry_and_the_clock_finds_nothing() {
    let world = World::new();
    let org = organization_with_promotions(&world).await;
    world.clock.set("2026-12-01T00:00:00Z");
    let gate = Gate::default();
    let (slow, whose) = (world.ledger_behind(&gate), org.clone());
    let expiring = tokio::spawn(async move { slow.expire(&whose, Actor::system("sweeper")).await });
    gate.reached().await;
    world.post(&hold(&org, "h1", "35")).await.unwrap().unwrap();
    gate.open();
    assert_eq!(expiring.await.unwrap().unwrap(), Err(Refusal::NothingExpired));
    assert_eq!(kinds(&world, &org).await, [EntryKind::Expiry, EntryKind::Hold]);
}

#[tokio::test]
async fn a_hold_that_comes_second_is_decided_on_what_the_expiry_left() {
    let world = World::new();
    let org = organization_with_promotions(&world).await;
    let gate = Gate::default();
    // Decided a moment before the credits end: all of them are still there.
    let (slow, all) = (world.ledger_behind(&gate), hold(&org, "h1", "45"));
    let holding = tokio::spawn(async move { slow.post(&all, &Companions::default()).await });
    gate.reached().await;
    world.clock.set("2026-12-01T00:00:00Z");
    expire(&world, &org).await.unwrap();
    gate.open();
    let refused = holding.await.unwrap().unwrap();
    assert!(
        matches!(refused, Err(Refusal::InsufficientCredits { available, .. }) if available == money("35"))
    );
    world.post(&hold(&org, "h2", "35")).await.unwrap().unwrap();
    assert_eq!(kinds(&world, &org).await, [EntryKind::Expiry, EntryKind::Hold]);
}

#[tokio::test]
async fn an_expiry_notes_the_levels_that_it_crosses() {
    let world = World::new();
    let org = organization_with_promotions(&world).await;
    let levels = Watch::new(["40", "45", "46"].map(money)).unwrap();
    world.ledger.set_watch(&org, &levels, &[]).await.unwrap().unwrap();
    world.clock.set("2026-12-02T00:00:00Z");
    expire(&world, &org).await.unwrap();
    let key = keys::entry(&org, 5).sk.replace("ENTRY", "CROSSING");
    let note = world.ledger.crossing(&tables::Key::new(keys::partition(&org), key)).await.unwrap().unwrap();
    assert_eq!((note.cause, note.available), (Some(CauseKind::Expiry), money("30")));
    assert_eq!(note.fell_below, [money("40"), money("45")], "46.00 was not reached before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clocks_and_holds_at_once_post_each_expiry_once() {
    let world = World::new();
    let org = organization_with_promotions(&world).await;
    world.clock.set("2026-12-02T00:00:00Z");
    let racers: Vec<_> = (0..64)
        .map(|at| {
            let (world, org) = (world.clone(), org.clone());
            tokio::spawn(async move {
                match at % 4 {
                    0 => world.post(&hold(&org, &format!("h{at}"), "1")).await.map(drop),
                    _ => world.ledger.expire(&org, Actor::system("sweeper")).await.map(drop),
                }
            })
        })
        .collect();
    for racer in racers {
        racer.await.unwrap().expect("no racer ends as a failure");
    }
    let found = kinds(&world, &org).await;
    assert_eq!(found.iter().filter(|kind| **kind == EntryKind::Expiry).count(), 2);
    assert_eq!(world.available(&org).await, "14.00");
}
