//! A world for a test: tables, ledger, clock, queues, topics. Its books are checked when it is dropped.

use crate::{
    ANY, Dynamo, Fault, Files, Gate, InProcessAws, Queues, Secrets, TestClock, Topics, assert_books_balance,
};
use ledger::{Cause, CauseKind, Command, Companions, GrantKind, Ledger, Movement, PostResult};
use money::{Money, PositiveMoney};
use platform::{Environment, ObjectStore, Services, config::name};
use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tables::WorkTable;
use terms::{Actor, Fingerprint, OrganizationId};

/// Everything in one process; one organization's credits are a line away.
#[derive(Debug, Clone)]
pub struct World {
    pub dynamo: Dynamo,
    pub clock: TestClock,
    pub ledger: Ledger,
    pub work: WorkTable,
    pub queues: Queues,
    pub topics: Topics,
    /// The secrets.
    pub secrets: Secrets,
    /// The buckets.
    pub files: Files,
    books: Arc<Books>,
}

/// The topic of owners' alerts.
pub const ALERTS_TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:alerts";

impl World {
    /// A world at 2026-11-22, 08:00 UTC.
    #[must_use]
    pub fn new() -> Self {
        Self::at(TestClock::at("2026-11-22T08:00:00Z"))
    }

    #[must_use]
    pub fn at(clock: TestClock) -> Self {
        let dynamo = Dynamo::new();
        let ledger = Ledger::new(dynamo.client(), "ledger", "work", clock.clock());
        let work = WorkTable::new(dynamo.client(), "work");
        let books = Arc::new(Books {
            dynamo: dynamo.clone(),
            ledger: ledger.clone(),
            checked: AtomicBool::new(true),
        });
        Self {
            dynamo,
            clock,
            ledger,
            work,
            queues: Queues::default(),
            topics: Topics::default(),
            secrets: Secrets::default(),
            files: Files::default(),
            books,
        }
    }

    /// Checks the books no more: where a test spoils them itself, or measures.
    pub fn leave_books_unchecked(&self) {
        self.books.checked.store(false, Ordering::Relaxed);
    }

    /// AWS as this world has it.
    #[must_use]
    pub fn aws(&self) -> InProcessAws {
        InProcessAws::default()
            .with("dynamodb", self.dynamo.clone())
            .with("sqs", self.queues.clone())
            .with("sns", self.topics.clone())
            .with("secretsmanager", self.secrets.clone())
            .with("s3", self.files.clone())
    }

    /// The same with a gate before the tables.
    #[must_use]
    pub fn aws_behind(&self, gate: &Gate) -> InProcessAws {
        self.aws().with("dynamodb", gate.before(self.dynamo.clone()))
    }

    /// What a function reaches outside its process: this world, its clock, and vendors by the network.
    #[must_use]
    pub fn services(&self) -> Services {
        Services::new(self.aws().config(), self.clock.clock())
    }

    /// The variables by which a function finds what is in this world.
    #[must_use]
    pub fn environment() -> Environment {
        Environment::of([
            (name::LEDGER_TABLE, "ledger".to_owned()),
            (name::WORK_TABLE, "work".to_owned()),
            (name::CONTENT_BUCKET, "content".to_owned()),
            (name::REPORTS_BUCKET, "reports".to_owned()),
            (name::FETCH_QUEUE_URL, Queues::url("fetch")),
            (name::PLAN_QUEUE_URL, Queues::url("plan")),
            (name::BATCH_QUEUE_URL, Queues::url("batch")),
            (name::TOP_UP_QUEUE_URL, Queues::url("top-up")),
            (name::ALERTS_TOPIC, ALERTS_TOPIC.to_owned()),
        ])
    }

    /// One of the buckets.
    #[must_use]
    pub fn objects(&self, bucket: &str) -> ObjectStore {
        ObjectStore::new(&self.services(), bucket)
    }

    #[must_use]
    pub fn organization(&self, name: &str) -> OrganizationId {
        OrganizationId::parse(name).expect("an organization id")
    }

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

    /// Runs a process that dies at its request after the first `let_pass` ones, whatever it asks for. Whether it came so
    /// far. What else was planned is forgotten.
    pub async fn dies_at<T>(&self, let_pass: usize, fault: Fault, process: impl Future<Output = T>) -> bool {
        let faults = self.dynamo.faults();
        faults.after(ANY, let_pass, fault);
        let died = faults.until_it_dies(process).await.is_none();
        faults.clear();
        died
    }

    /// The ledger of another process, whose next transaction waits at a gate.
    pub fn ledger_behind(&self, gate: &Gate) -> Ledger {
        Ledger::new(self.dynamo.client_behind(gate), "ledger", "work", self.clock.clock())
    }

    pub async fn available(&self, organization: &OrganizationId) -> String {
        self.ledger.balance(organization).await.expect("a balance").available.to_string()
    }
}

/// Every invariant of the books, checked on everything stored when the last holder of a world lets go of it. A test
/// that fails anyway is left to its own reason.
#[derive(Debug)]
struct Books {
    dynamo: Dynamo,
    ledger: Ledger,
    checked: AtomicBool,
}

impl Drop for Books {
    fn drop(&mut self) {
        if thread::panicking() || !self.checked.load(Ordering::Relaxed) {
            return;
        }
        self.dynamo.faults().clear();
        // The test's own runtime stands still while its values are dropped.
        let checked = thread::scope(|scope| {
            let check = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(assert_books_balance(&self.dynamo, &self.ledger));
            };
            scope.spawn(check).join()
        });
        if let Err(why) = checked {
            resume_unwind(why);
        }
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
