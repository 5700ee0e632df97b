//! What the vendor-cost report reads as history grows, and the time it takes of its own.

use crate::{
    Cost, Figure, milliseconds,
    own_time::{middle_and_largest, own_time},
    ratio,
};
use costs::{Costs, Reports};
use futures::{StreamExt, stream};
use ledger::{Cause, CauseKind, Command, Companions, Movement, Purpose, Vendor, VendorFigures};
use money::{Money, PositiveMoney};
use rust_decimal::Decimal;
use suite::functions::Functions;
use suite::gateway::{Call, read};
use support::World;
use terms::{Actor, Fingerprint, HoldId, OrganizationId};

const GROUP: &str = "The vendor-cost report";

/// Organizations whose history grows.
const GROWING: u32 = 10;

const ORGANIZATIONS: u32 = 1_000;

/// How often the report is asked for; the median counts.
const ASKED: usize = 9;

/// A settled order of contacts: the grant, the hold and the settle.
async fn deliver(world: &World, organization: &OrganizationId, order: u32) {
    let money = |text: &str| Money::parse(text).expect("an amount");
    world.buy(organization, "300").await;
    let id = format!("pur_{order}");
    let hold = HoldId::parse(&format!("{id}_hold")).expect("a hold id");
    let movement = |kind: CauseKind, command: Command| Movement {
        organization: organization.clone(),
        cause: Cause::new(kind, format!("{organization}-{id}")),
        fingerprint: Fingerprint::of(&[&id]),
        actor: Actor::system("bench"),
        occurred_at: None,
        description: "1000 contacts".to_owned(),
        command,
    };
    let amount = PositiveMoney::new(money("300")).expect("above zero");
    let held = Command::Hold { id: hold.clone(), purpose: Purpose::Contacts, amount };
    world.post(&movement(CauseKind::ContactsHold, held)).await.expect("an answer").expect("a hold");
    let vendor = VendorFigures {
        vendor: Vendor::DataAxle,
        orders: 1,
        quantity: 1_000,
        cost: money("150"),
        charge: money("300"),
    };
    let settle = movement(CauseKind::ContactsSettle, Command::Settle { hold, charge: money("300") });
    let with = Companions { vendor: Some(vendor), ..Companions::default() };
    world.ledger.post(&settle, &with).await.expect("an answer").expect("a settle");
}

/// So many orders of each of so many organizations, those from `from` on.
async fn fill(world: &World, organizations: u32, (from, to): (u32, u32)) {
    let each = (0..organizations).map(|at| async move {
        let organization = world.organization(&format!("org_{at:016}"));
        for order in from..to {
            deliver(world, &organization, order).await;
        }
    });
    stream::iter(each).buffer_unordered(8).for_each(|()| async {}).await;
}

fn asked(months: u32) -> Call {
    let call = Call::new("GET", &format!("/api/admin/vendor-costs?months={months}"));
    call.by("org_droplab", "finance")
}

fn functions(world: &World) -> Functions {
    Functions::new(world.services(), World::environment())
}

/// Read units of the report of a year at 1, 10 and 100 times the history.
pub async fn history() -> Vec<Figure> {
    let world = World::new();
    world.leave_books_unchecked();
    let functions = functions(&world);
    let mut figures = Vec::new();
    let mut first = Decimal::ZERO;
    let mut before = 0;
    for times in [1, 10, 100] {
        fill(&world, GROWING, (before, times)).await;
        before = times;
        world.dynamo.meter().start();
        let answer = functions.call(&asked(12)).await;
        let cost = Cost::of(&world.dynamo.meter().stop());
        let (status, body) = read(&answer);
        assert_eq!((status, &body["months"][0]["dataAxle"]["purchases"]), (200, &(GROWING * times).into()));
        let entries = world.dynamo.dump("ledger").len();
        let units = Figure::new(GROUP, format!("read units at {times} × history"), cost.read_units, "RCU")
            .noted(format!("{} requests; {entries} items in the ledger", cost.reads));
        if times == 1 {
            first = cost.read_units;
        }
        if times == 100 {
            let grown = Figure::new(
                GROUP,
                "read units at 100 × over those at 1 ×",
                ratio(cost.read_units, first),
                "×",
            );
            figures.push(grown.at_most(Decimal::new(105, 2)));
        }
        figures.push(units);
    }
    figures
}

/// The report's own time at 1,000 organizations. Runs on a runtime of one thread.
pub async fn own() -> Vec<Figure> {
    let world = World::new();
    world.leave_books_unchecked();
    fill(&world, ORGANIZATIONS, (0, 1)).await;
    let functions = functions(&world);
    let meter = world.dynamo.meter();
    let (mut answers, mut reports) = (Vec::new(), Vec::new());
    for _ in 0..ASKED {
        let call = asked(1);
        let (answer, own) = own_time(functions.call(&call), meter).await;
        let (status, body) = read(&answer);
        let organizations = body["months"][0]["dataAxle"]["organizations"].as_array().map_or(0, Vec::len);
        assert_eq!((status, organizations), (200, 1_000));
        answers.push(own);
    }
    let costs = Costs::new(world.ledger.clone(), world.clock.clock());
    let reports_of = Reports::new(costs, world.work.clone(), world.objects("reports"));
    let month = reports_of.present_month();
    for _ in 0..ASKED {
        let (report, own) = own_time(costs::produce_report(&reports_of, month), meter).await;
        report.expect("a report").expect("a month that has begun");
        reports.push(own);
    }
    [("the answer of one month", answers), ("the month's files (JSON, CSV, HTML)", reports)]
        .into_iter()
        .map(|(what, times)| {
            let (middle, largest) = middle_and_largest(times);
            Figure::new(GROUP, format!("{what}: own time at 1,000 organizations"), milliseconds(middle), "ms")
                .at_most(Decimal::ONE_HUNDRED)
                .noted(format!("median of {ASKED}, largest {} ms", milliseconds(largest).round_dp(1)))
        })
        .collect()
}
