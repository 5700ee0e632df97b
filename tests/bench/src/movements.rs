//! What one movement costs: requests and consumed capacity, at one lot and at six.

use crate::{Cost, Figure};
use ledger::{Cause, CauseKind, Command, Companions, GrantKind, Movement, Purpose, Vendor, VendorFigures};
use money::{Money, PositiveMoney};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use support::{MeteredCall, World, records::item_size};
use tables::{Insert, Key, Record, WorkWrite};
use terms::{Actor, Fingerprint, HoldId, OrganizationId, PurchaseId, Timestamp};

const GROUP: &str = "One movement, uncontended, with cause, entry, business record and month roll-up";

/// Write units of a movement at up to six lots (design, section 3).
const WRITE_UNITS_MAX: Decimal = Decimal::from_parts(12, 0, 0, false, 0);

/// What one write unit pays for, in bytes.
const WRITE_UNIT: usize = 1_024;

const READ_UNITS_MAX: Decimal = Decimal::TWO;

/// A business record as long as a purchase's.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Business {
    id: String,
    text: String,
    status: String,
    #[serde(skip)]
    due: Option<Timestamp>,
}

impl Record for Business {
    const KIND: &'static str = "bench";

    fn key(&self) -> Key {
        Key::new("ORG#org_0123456789abcdef", format!("BENCH#{}", self.id))
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due
    }
}

struct Bench {
    world: World,
    organization: OrganizationId,
    lots: u32,
    moved: u32,
}

impl Bench {
    /// An organization with so many purchases of 1,234.56 to draw from.
    async fn with_lots(lots: u32) -> Self {
        let world = World::new();
        world.leave_books_unchecked();
        let organization = world.organization("org_0123456789abcdef");
        for _ in 0..lots {
            world.buy(&organization, "1234.56").await;
        }
        Self { world, organization, lots, moved: 0 }
    }

    fn movement(&mut self, kind: CauseKind, command: Command) -> Movement {
        self.moved += 1;
        let id = PurchaseId::derive(&["bench", &self.moved.to_string()]);
        Movement {
            organization: self.organization.clone(),
            cause: Cause::new(kind, id.as_str()),
            fingerprint: Fingerprint::of(&[id.as_str()]),
            actor: Actor::user("6f9619ff-8b86-4d11-b42d-00c04fc964ff"),
            occurred_at: None,
            description: "1000 contacts: Home owners in Florida".to_owned(),
            command,
        }
    }

    async fn cost(&mut self, name: &str, movement: &Movement, vendor: Option<VendorFigures>) -> Vec<Figure> {
        let due = Some(self.world.clock.now().plus_seconds(60));
        let id = format!("{}-{name}", self.lots);
        let record = Business { id, text: "x".repeat(500), status: "queued".to_owned(), due };
        let Insert::Done(read) = self.world.work.insert(&record).await.expect("an insert") else {
            panic!("a new key")
        };
        let next = Business { status: "done".to_owned(), due: None, ..record };
        let work = vec![WorkWrite::replace(&read, &next).expect("a write")];
        let with = Companions { work, vendor, ..Companions::default() };
        self.world.dynamo.meter().start();
        self.world.ledger.post(movement, &with).await.expect("an answer").expect("accepted");
        let calls = self.world.dynamo.meter().stop();
        let cost = Cost::of(&calls);
        let large = self.large_items(&calls);
        let name = |what: &str| format!("{name}, {} lots: {what}", self.lots).replace("1 lots", "1 lot");
        vec![
            Figure::new(GROUP, name("requests"), cost.reads + cost.writes, "requests")
                .exactly(2)
                .noted(format!("{} read, {} write", cost.reads, cost.writes)),
            Figure::new(GROUP, name("read units"), cost.read_units, "RCU").at_most(READ_UNITS_MAX),
            Figure::new(GROUP, name("write units"), cost.write_units, "WCU")
                .at_most(WRITE_UNITS_MAX)
                .noted(format!("{} items{large}; beside it {} WCU of indexes", cost.items, cost.index_units)),
        ]
    }

    /// Names the items written that are larger than the unit that a write is billed in.
    fn large_items(&self, calls: &[MeteredCall]) -> String {
        let mut found = String::new();
        for item in calls.iter().flat_map(|call| &call.written) {
            let stored = ["ledger", "work"]
                .into_iter()
                .find_map(|table| self.world.dynamo.item(table, &item.pk, &item.sk));
            let size = stored.map_or(0, |stored| item_size(&stored));
            if size > WRITE_UNIT {
                let kind = item.sk.split('#').next().unwrap_or_default();
                let _ = write!(found, ", {kind} of {size} bytes");
            }
        }
        found
    }

    async fn hold(&mut self) -> Vec<Figure> {
        let amount = positive(if self.lots == 1 { "1000" } else { "7000" });
        let id = self.hold_id();
        let hold =
            self.movement(CauseKind::ContactsHold, Command::Hold { id, purpose: Purpose::Contacts, amount });
        self.cost("hold", &hold, None).await
    }

    fn hold_id(&self) -> HoldId {
        HoldId::from(&PurchaseId::derive(&["hold", &self.lots.to_string()]))
    }
}

fn positive(amount: &str) -> PositiveMoney {
    PositiveMoney::new(Money::parse(amount).expect("an amount")).expect("above zero")
}

pub async fn measure() -> Vec<Figure> {
    let mut figures = Vec::new();
    for lots in [1, 6] {
        let mut bench = Bench::with_lots(lots - 1).await;
        let grant = bench.movement(
            CauseKind::CheckoutSession,
            Command::Grant {
                kind: GrantKind::Purchase,
                amount: positive("1234.56"),
                source: "ord_0123456789abcdef0123456789".to_owned(),
                expires_at: None,
            },
        );
        bench.lots = lots;
        figures.extend(bench.cost("grant", &grant, None).await);
        figures.extend(bench.hold().await);
        let charge = Money::parse("900").expect("an amount");
        let settle =
            bench.movement(CauseKind::ContactsSettle, Command::Settle { hold: bench.hold_id(), charge });
        let cost = Money::parse("450").expect("an amount");
        let vendor = VendorFigures { vendor: Vendor::DataAxle, orders: 1, quantity: 3_000, cost, charge };
        figures.extend(bench.cost("settle", &settle, Some(vendor)).await);
        let mut bench = Bench::with_lots(lots).await;
        let _ = bench.hold().await;
        let release = bench.movement(CauseKind::ContactsSettle, Command::Release { hold: bench.hold_id() });
        figures.extend(bench.cost("release", &release, None).await);
    }
    figures
}
