//! 64 who spend at once from an account that pays for 32: who wins, and how many requests each answer takes,
//! where the table answers at once and where each request takes as long as one on AWS.

use crate::{Figure, ratio, tape::dynamodb_over};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::HttpRequest,
};
use futures::future::join_all;
use ledger::{Cause, CauseKind, Command, Companions, Ledger, Movement, Purpose, Refusal};
use money::{Money, PositiveMoney};
use rust_decimal::Decimal;
use std::time::{Duration, Instant};
use support::{Dynamo, World};
use terms::{Actor, Fingerprint, HoldId, OrganizationId};

const GROUP: &str = "64 racers for 32 credits";

/// What a request takes on its way there, and again on its way back.
const ONE_WAY: Duration = Duration::from_millis(3);

const RACERS: u32 = 64;

const RUNS: u32 = 1_000;

/// Runs at the same time, each with an account of its own: a run mostly sleeps between attempts.
const RUNS_AT_ONCE: u32 = 8;

const REQUESTS_MAX: Decimal = Decimal::from_parts(6, 0, 0, false, 0);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Run {
    won: u32,
    refused: u32,
    failed: u32,
}

/// Each request waits on its way to the table and back, so that racers meet as they do over a network.
#[derive(Debug, Clone)]
struct Distant(Dynamo);

impl HttpConnector for Distant {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let table = self.0.clone();
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(ONE_WAY).await;
            let answer = table.call(request).await;
            tokio::time::sleep(ONE_WAY).await;
            answer
        })
    }
}

/// Races at a table that answers at once, until there were enough or the time is up.
pub async fn at_once(time: Duration) -> Vec<Figure> {
    races("table at once", time, |world| world.ledger.clone()).await
}

/// Races over a network. Runs on a runtime of one thread whose clock is paused: what passes is the requests'
/// way and the back-off, and how fast this machine is does not matter.
pub async fn distant(time: Duration) -> Vec<Figure> {
    let ledger = |world: &World| {
        let client = dynamodb_over(Distant(world.dynamo.clone()));
        Ledger::new(client, "ledger", "work", world.clock.clock())
    };
    races("6 ms a request", time, ledger).await
}

async fn races(kind: &str, time: Duration, ledger: impl Fn(&World) -> Ledger) -> Vec<Figure> {
    let started = Instant::now();
    let (mut runs, mut requests) = (Vec::new(), 0);
    while runs.len() < usize::try_from(RUNS).unwrap_or(usize::MAX) && started.elapsed() < time {
        // A fresh world every time: what is stored would slow later races down.
        let world = World::new();
        world.leave_books_unchecked();
        let ledger = ledger(&world);
        let organizations = join_all((0..RUNS_AT_ONCE).map(|at| prepared(&world, at))).await;
        let before = calls(&world);
        runs.extend(join_all(organizations.iter().map(|organization| race(&ledger, organization))).await);
        requests += calls(&world) - before;
    }
    let answers = u64::try_from(runs.len()).unwrap_or(u64::MAX) * u64::from(RACERS);
    let exact = runs.iter().filter(|run| run.won == 32 && run.refused == 32).count();
    let failed: u32 = runs.iter().map(|run| run.failed).sum();
    let seconds = time.as_secs();
    let asked = if runs.len() < 1_000 { format!("of {RUNS}: {seconds} s were given") } else { String::new() };
    let name = |what: &str| format!("{kind}: {what}");
    vec![
        Figure::new(GROUP, name("runs"), runs.len(), "runs").noted(asked),
        Figure::new(GROUP, name("runs with exactly 32 winners"), exact, "runs").exactly(runs.len()),
        Figure::new(GROUP, name("racers that ended as a failure"), failed, "racers").exactly(0),
        Figure::new(GROUP, name("requests per answer, on average"), ratio(requests, answers), "requests")
            .at_most(REQUESTS_MAX)
            .noted("look-ups of the cause before a refusal included"),
    ]
}

async fn prepared(world: &World, at: u32) -> OrganizationId {
    let organization = world.organization(&format!("org_race{at}"));
    world.buy(&organization, "32").await;
    organization
}

fn calls(world: &World) -> u64 {
    let operations = ["GetItem", "BatchGetItem", "Query", "PutItem", "TransactWriteItems"];
    operations.into_iter().map(|operation| world.dynamo.faults().calls(operation)).sum()
}

async fn race(ledger: &Ledger, organization: &OrganizationId) -> Run {
    let racers = (0..RACERS).map(|at| {
        let (ledger, movement) = (ledger.clone(), hold(organization, at));
        tokio::spawn(async move { ledger.post(&movement, &Companions::default()).await })
    });
    let racers: Vec<_> = racers.collect();
    let mut run = Run::default();
    for racer in racers {
        match racer.await.expect("no racer panics") {
            Ok(Ok(_)) => run.won += 1,
            Ok(Err(Refusal::InsufficientCredits { .. })) => run.refused += 1,
            Ok(Err(_)) | Err(_) => run.failed += 1,
        }
    }
    run
}

fn hold(organization: &OrganizationId, at: u32) -> Movement {
    let id = format!("h{at}");
    Movement {
        organization: organization.clone(),
        cause: Cause::new(CauseKind::ContactsHold, format!("{organization}-{id}")),
        fingerprint: Fingerprint::of(&[&id]),
        actor: Actor::system("bench"),
        occurred_at: None,
        description: "race".to_owned(),
        command: Command::Hold {
            id: HoldId::parse(&id).expect("a hold id"),
            purpose: Purpose::Refund,
            amount: PositiveMoney::new(Money::parse("1").expect("an amount")).expect("above zero"),
        },
    }
}
