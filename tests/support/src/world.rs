//! A world for a test: tables, ledger, clock, queues, topics.

use crate::{Dynamo, Queues, TestClock, Topics, assert_books_balance};
use ledger::{Cause, CauseKind, Command, Companions, GrantKind, Ledger, Movement, PostResult};
use money::{Money, PositiveMoney};
use tables::WorkTable;
use terms::{Actor, Fingerprint, OrganizationId};

/// Everything in one process; one organization's credits are a line away.
#[derive(Debug, Clone)]
pub struct World {
    /// The tables, and their faults.
    pub dynamo: Dynamo,
    /// The clock of everything in it.
    pub clock: TestClock,
    /// The ledger.
    pub ledger: Ledger,
    /// The business records.
    pub work: WorkTable,
    /// The queues.
    pub queues: Queues,
    /// The topics.
    pub topics: Topics,
}

impl World {
    /// A world at 2026-11-22, 08:00 UTC.
    #[must_use]
    pub fn new() -> Self {
        Self::at(TestClock::at("2026-11-22T08:00:00Z"))
    }

    /// A world by this clock.
    #[must_use]
    pub fn at(clock: TestClock) -> Self {
        let dynamo = Dynamo::new();
        let ledger = Ledger::new(dynamo.client(), "ledger", "work", clock.clock());
        let work = WorkTable::new(dynamo.client(), "work");
        Self { dynamo, clock, ledger, work, queues: Queues::default(), topics: Topics::default() }
    }

    /// An organization of this name.
    #[must_use]
    pub fn organization(&self, name: &str) -> OrganizationId {
        OrganizationId::parse(name).expect("an organization id")
    }

    /// Gives an organization purchased credits, each call a purchase of its own.
    pub async fn buy(&self, organization: &OrganizationId, amount: &str) {
        let source = format!("ord_{}", uuid::Uuid::now_v7().simple());
        let movement = Movement {
            organization: organization.clone(),
            cause: Cause::new(CauseKind::CheckoutSession, format!("cs_{source}")),
            fingerprint: Fingerprint::of(&["buy", amount]),
            actor: Actor::stripe(),
            occurred_at: None,
            description: format!("Bought {amount} credits"),
            command: Command::Grant {
                kind: GrantKind::Purchase,
                amount: positive(amount),
                source,
                expires_at: None,
            },
        };
        self.post(&movement).await.expect("an answer").expect("a grant is never refused");
    }

    /// Posts a movement without companions.
    ///
    /// # Errors
    /// As the ledger's.
    pub async fn post(&self, movement: &Movement) -> PostResult {
        self.ledger.post(movement, &Companions::default()).await
    }

    /// What an organization can spend.
    pub async fn available(&self, organization: &OrganizationId) -> String {
        self.ledger.balance(organization).await.expect("a balance").available.to_string()
    }

    /// Checks every invariant of the books on everything stored.
    pub async fn assert_books_balance(&self) {
        assert_books_balance(&self.dynamo, &self.ledger).await;
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn positive(amount: &str) -> PositiveMoney {
    PositiveMoney::new(Money::parse(amount).expect("an amount")).expect("above zero")
}
