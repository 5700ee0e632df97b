//! Where an account stood: what its entries say of any time, and the entries between two standings.

use ledger::{BalanceAt, CauseKind, Command, EntryKind, FrozenReason, GrantKind, Movement};
use serde_json::json;
use suite::functions::Functions;
use suite::gateway::{Call, assert_problem, read};
use suite::movements::{grant, movement, promotion};
use support::{TestClock, World};
use terms::{Actor, Month, OrganizationId, Timestamp};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// Bought 1 credit in each of 40 hours; in every fourth hour twice, in the same millisecond.
async fn history(world: &World) -> OrganizationId {
    let org = world.organization("org_a");
    for hour in 0..40 {
        world.buy(&org, "1").await;
        if hour % 4 == 0 {
            world.buy(&org, "1").await;
        }
        world.clock.advance_seconds(3600);
    }
    org
}

#[tokio::test]
async fn at_any_time_an_account_stood_as_its_entries_until_then_say() {
    let world = World::new();
    let org = history(&world).await;
    let statement = world.ledger.statement(&org).await.unwrap();
    assert_eq!(statement.len(), 50);
    let start = at("2026-11-22T08:00:00Z");
    for half_hours in -1..=80 {
        for off in [-1, 0, 1] {
            let time = start.plus_seconds(1800 * half_hours).plus_ms(off);
            if time > world.clock.now() {
                continue;
            }
            let last = statement.iter().rfind(|entry| entry.recorded_at <= time);
            let expected = last.map_or(BalanceAt::EMPTY, |entry| BalanceAt {
                seq: entry.seq,
                available: entry.available_after,
                held: entry.held_after,
                head: entry.hash,
                recorded_at: Some(entry.recorded_at),
            });
            assert_eq!(world.ledger.balance_at(&org, time).await.unwrap(), Some(expected), "{time}");
            let before = world.ledger.balance_before(&org, time.plus_ms(1)).await.unwrap();
            assert_eq!(before, expected, "{time}");
        }
    }
    assert_eq!(world.ledger.latest_balance(&org).await.unwrap().seq, 50);
}

#[tokio::test]
async fn a_time_that_has_not_come_and_one_before_the_first_entry_are_told_apart() {
    let world = World::new();
    let org = world.organization("org_a");
    let now = world.clock.now();
    assert_eq!(world.ledger.balance_at(&org, now).await.unwrap(), Some(BalanceAt::EMPTY), "no entry at all");
    world.buy(&org, "5").await;
    assert_eq!(world.ledger.balance_at(&org, now.plus_ms(-1)).await.unwrap(), Some(BalanceAt::EMPTY));
    assert_eq!(world.ledger.balance_at(&org, now).await.unwrap().map(|stood| stood.seq), Some(1));
    assert_eq!(world.ledger.balance_at(&org, now.plus_ms(1)).await.unwrap(), None);
}

#[tokio::test]
async fn a_time_is_found_by_halving_and_not_by_walking() {
    let world = World::new();
    let org = history(&world).await;
    let reads = || world.dynamo.faults().calls("GetItem");
    let before = reads();
    world.ledger.balance_at(&org, at("2026-11-23T01:30:00Z")).await.unwrap();
    assert!(reads() - before <= 7, "{} reads for 50 entries", reads() - before);
    let before = reads();
    world.ledger.balance_at(&org, world.clock.now()).await.unwrap();
    assert_eq!(reads() - before, 1, "the account alone says how it stands");
}

#[tokio::test]
async fn credits_past_their_time_are_there_until_their_end_is_posted() {
    let world = World::new();
    let org = world.organization("org_a");
    world.post(&promotion(&org, "a1", "10", "2026-12-01T00:00:00Z")).await.unwrap().unwrap();
    world.clock.set("2026-12-02T00:00:00Z");
    let available = async |time: &str| {
        world.ledger.balance_at(&org, at(time)).await.unwrap().unwrap().available.to_string()
    };
    assert_eq!(world.available(&org).await, "0.00");
    assert_eq!(available("2026-12-01T12:00:00Z").await, "10.00");
    world.ledger.expire(&org, Actor::system("sweeper")).await.unwrap().unwrap();
    assert_eq!(available("2026-12-01T12:00:00Z").await, "10.00", "what was said of a time stays said");
    assert_eq!(available("2026-12-02T00:00:00Z").await, "0.00");
}

#[tokio::test]
async fn the_entries_between_two_standings_are_those_and_no_others() {
    let world = World::new();
    let org = world.organization("org_a");
    for number in 0..130 {
        let object = format!("dp_{number}");
        let command = match number % 3 {
            0 => Command::Freeze { object, reason: FrozenReason::Dispute },
            _ => Command::Unfreeze { object },
        };
        world
            .post(&movement(&org, (CauseKind::Adjustment, &format!("a{number}")), command))
            .await
            .unwrap()
            .unwrap();
    }
    let behind = |seq| BalanceAt { seq, ..BalanceAt::EMPTY };
    let between = async |low, high, kind| {
        let found = world.ledger.entries_between(&org, (&behind(low), &behind(high)), kind).await.unwrap();
        found.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    for (low, high) in [(0, 130), (0, 1), (129, 130), (0, 100), (100, 130), (7, 107), (0, 99), (50, 50)] {
        assert_eq!(between(low, high, None).await, (low + 1..=high).collect::<Vec<_>>(), "{low} to {high}");
    }
    assert_eq!(between(0, 10, Some(EntryKind::Frozen)).await, [1, 4, 7, 10]);
    let missing = world.ledger.entries_between(&org, (&behind(0), &behind(131)), None).await;
    assert!(missing.is_err(), "an entry that should stand and does not is never passed over");
}

/// GET /api/credits of an owner, at `at`.
async fn asked(world: &World, query: &str) -> lambda_http::Response<lambda_http::Body> {
    let call = Call::new("GET", &format!("/api/credits?{query}")).by("org_a", "member");
    Functions::new(world.services(), World::environment()).call(&call).await
}

#[tokio::test]
async fn the_balance_is_shown_for_any_time_that_has_come() {
    let world = World::new();
    let org = history(&world).await;
    let statement = world.ledger.statement(&org).await.unwrap();
    let (status, body) = read(&asked(&world, "at=2026-11-22T10:30:00Z").await);
    let expected = json!({
        "organizationId": "org_a", "at": "2026-11-22T10:30:00.000Z", "available": "4.00", "held": "0.00",
        "entries": 4, "headHash": statement[3].hash.to_string(),
    });
    assert_eq!((status, body), (200, expected.clone()));
    let (_, elsewhere) = read(&asked(&world, "at=2026-11-22T11:30:00%2B01:00").await);
    assert_eq!(elsewhere, expected, "the same time in Rome");
    let (_, before) = read(&asked(&world, "at=2020-01-01T00:00:00Z").await);
    let zeros = (&json!("0.00"), &json!("0.00"), &json!(0), &json!("0".repeat(64)));
    assert_eq!((&before["available"], &before["held"], &before["entries"], &before["headHash"]), zeros);
    let (_, now) = read(&asked(&world, &format!("at={}", world.clock.now())).await);
    let (_, balance) = read(&asked(&world, "").await);
    for name in ["available", "held", "entries", "headHash"] {
        assert_eq!(now[name], balance[name], "{name}");
    }
    let problem = assert_problem(&asked(&world, "at=2026-12-24T00:00:00Z").await, 400, "invalid_parameter");
    assert!(problem["detail"].as_str().unwrap().contains("a time that has not come"), "{problem}");
    for (query, code) in [("at=yesterday", "invalid_parameter"), ("when=2026-11-22", "unknown_parameter")] {
        assert_problem(&asked(&world, query).await, 400, code);
    }
}

#[tokio::test]
async fn a_movement_belongs_to_the_month_in_which_it_is_recorded() {
    let world = World::at(TestClock::at("2026-12-01T00:05:00Z"));
    let org = world.organization("org_a");
    let late = Movement {
        occurred_at: Some(at("2026-11-30T23:50:00Z")),
        ..grant(&org, (CauseKind::CheckoutSession, "cs_1"), GrantKind::Purchase, "50")
    };
    world.post(&late).await.unwrap().unwrap();
    let bought = async |month: &str| {
        let rows = world.ledger.month(Month::parse(month).unwrap()).await.unwrap();
        rows.iter().map(|row| row.bought.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(bought("2026-11").await, Vec::<String>::new(), "a month that is over does not change");
    assert_eq!(bought("2026-12").await, ["50.00"]);
}
