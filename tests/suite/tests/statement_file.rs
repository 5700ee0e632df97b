//! The statement as a file: what `tests/demo/test_statement.py` verifies is what the endpoint writes, byte for
//! byte; its parts fit together; it is never longer than one answer.
//!
//! `STATEMENT=write` writes the file of the story anew.

use lambda_http::{Body, Response};
use ledger::{
    Cause, CauseKind, Command, EntryKind, FrozenReason, GrantRef, LotKind, Movement, Part, Purpose, Receipt,
    TakeKind,
};
use money::Money;
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};
use suite::{
    functions::Functions,
    gateway::{Call, assert_problem, read},
    movements::{movement, positive},
    spreadsheet,
};
use support::{TestClock, World};
use terms::{Actor, Fingerprint, HoldId, OrganizationId, Timestamp};

const FIXTURE: &str = "../demo/fixtures/statement.csv";

fn hold_id(name: &str) -> HoldId {
    HoldId::parse(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// An account whose history is the same in each run.
struct Teller {
    world: World,
    organization: OrganizationId,
}

impl Teller {
    fn new() -> Self {
        let world = World::at(TestClock::at("2026-10-28T08:00:00Z"));
        let organization = world.organization("org_alder");
        Self { world, organization }
    }

    async fn tell(&self, cause: (CauseKind, &str), description: &str, command: Command) -> Receipt {
        let movement = Movement {
            organization: self.organization.clone(),
            cause: Cause::new(cause.0, cause.1),
            fingerprint: Fingerprint::of(&[cause.1]),
            actor: Actor::user("alice"),
            occurred_at: Some(self.world.clock.now().plus_ms(-250)),
            description: description.to_owned(),
            command,
        };
        let posted = self.world.post(&movement).await.unwrap().unwrap();
        self.world.clock.advance_seconds(86_400 + 61);
        posted.receipt().clone()
    }

    async fn grant(&self, kind: LotKind, cause: (CauseKind, &str), amount: &str) -> Receipt {
        let expires_at = (!kind.is_paid()).then(|| at("2026-12-01T00:00:00Z"));
        let source = format!("ord_{}", cause.1);
        let description = format!("{amount} credits");
        let command = Command::Grant { kind, amount: positive(amount), source, expires_at };
        self.tell(cause, &description, command).await
    }

    async fn parts_of(&self, seq: u64) -> Vec<Part> {
        let entry = self.world.ledger.entry(&self.organization, seq).await.unwrap().unwrap();
        let drawn = entry.lots.into_iter().filter(|part| part.amount.is_negative());
        drawn.map(|part| Part { amount: part.amount.negated(), ..part }).collect()
    }

    /// Every kind of entry, and texts that a spreadsheet would take for something else.
    async fn story(&self) {
        self.grant(LotKind::Purchase, (CauseKind::CheckoutSession, "cs_1"), "250.00").await;
        let top_up = self.grant(LotKind::TopUp, (CauseKind::PaymentIntent, "pi_1"), "50.00").await.seq;
        self.grant(LotKind::Opening, (CauseKind::Opening, "row_1"), "20.00").await;
        self.grant(LotKind::Subscription, (CauseKind::Invoice, "in_1"), "99.00").await;
        self.grant(LotKind::Promotional, (CauseKind::Adjustment, "promotion"), "10.00").await;
        self.grant(LotKind::Adjustment, (CauseKind::Adjustment, "=adjustment"), "5.50").await;
        let hold = |id: &str, purpose, amount: &str| Command::Hold {
            id: hold_id(id),
            purpose,
            amount: positive(amount),
        };
        let contacts = hold("pur_1", Purpose::Contacts, "120.00");
        self.tell((CauseKind::ContactsHold, "pur_1"), "=2+3", contacts).await;
        let settle = Command::Settle { hold: hold_id("pur_1"), charge: Money::parse("104.65").unwrap() };
        let charge = self.tell((CauseKind::ContactsSettle, "pur_1"), "'quoted, \"twice\"", settle).await.seq;
        let cards = hold("job_1", Purpose::Postcards, "60.00");
        self.tell((CauseKind::PrintHold, "job_1"), "two\r\nlines", cards).await;
        let release = Command::Release { hold: hold_id("job_1") };
        self.tell((CauseKind::PrintSettle, "job_1"), "caf\u{e9} \u{2028} \u{1f4ee}", release).await;
        let mut parts = self.parts_of(charge).await;
        parts.truncate(1);
        let back = Command::CreditBack { parts, charge_seq: charge };
        self.tell((CauseKind::CreditBack, "job_1-1"), "-1 card", back).await;
        self.reversals(top_up).await;
    }

    async fn reversals(&self, top_up: u64) {
        let object = "dp_1".to_owned();
        let freeze = Command::Freeze { object: object.clone(), reason: FrozenReason::Dispute };
        self.tell((CauseKind::Frozen, "dp_1"), "A dispute was opened", freeze).await;
        let bought = GrantRef { seq: 1, kind: LotKind::Purchase };
        let take = |kind, amount| Command::Take { kind, amount: positive(amount), grant: bought };
        let taken =
            self.tell((CauseKind::DisputeTaken, "dp_1"), "Dispute", take(TakeKind::Dispute, "50")).await;
        let parts = self.parts_of(taken.seq).await;
        let back = Command::GiveBack { kind: TakeKind::Dispute, parts, taking_seq: taken.seq };
        self.tell((CauseKind::DisputeReturned, "dp_1"), "Dispute won", back).await;
        self.tell((CauseKind::Unfrozen, "dp_1"), "The dispute ended", Command::Unfreeze { object }).await;
        let grant = GrantRef { seq: top_up, kind: LotKind::TopUp };
        let aside = Command::HoldOfGrant { id: hold_id("rfd_1"), amount: positive("30"), grant };
        self.tell((CauseKind::RefundHold, "rfd_1"), "@refund approved", aside).await;
        let amount = positive("24.99");
        let refund = Command::SettleRefund { hold: hold_id("rfd_1"), amount, grant_seq: top_up };
        let refunded = self.tell((CauseKind::Refund, "re_1"), "Refund", refund).await.seq;
        let parts = self.parts_of(refunded).await;
        let undone = Command::GiveBack { kind: TakeKind::Refund, parts, taking_seq: refunded };
        self.tell((CauseKind::RefundUndone, "re_1"), "The refund failed", undone).await;
        let withdraw = Command::Withdraw { amount: positive("7.25") };
        self.tell((CauseKind::Adjustment, "adj_2"), "+correction", withdraw).await;
        self.world.clock.set("2026-12-02T03:04:05Z");
        self.world.ledger.expire(&self.organization, Actor::system("sweeper")).await.unwrap().unwrap();
        self.tell((CauseKind::Refund, "re_2"), "Refund", take(TakeKind::Refund, "500")).await;
        self.grant(LotKind::Purchase, (CauseKind::CheckoutSession, "cs_2"), "400.00").await;
    }

    async fn ask(&self, query: &str, accept: &str) -> Response<Body> {
        let call = Call::new("GET", &format!("/api/credits/transactions?{query}"));
        let call = call.by(self.organization.as_str(), "owner").header("accept", accept);
        Functions::new(self.world.services(), World::environment()).call(&call).await
    }

    async fn file(&self, query: &str) -> String {
        let answer = self.ask(query, "text/csv").await;
        assert_eq!(answer.status(), 200, "{query}: {:?}", answer.body());
        assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
        String::from_utf8(answer.body().as_ref().to_vec()).unwrap()
    }
}

/// A file's rows, each as its cells by column.
fn rows(file: &str) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    reader
        .deserialize()
        .map(|row| row.unwrap())
        .map(|row: std::collections::BTreeMap<String, String>| serde_json::to_value(row).unwrap())
        .collect()
}

fn texts<const N: usize>(row: &Value, columns: [&str; N]) -> [String; N] {
    columns.map(|column| row[column].as_str().unwrap().to_owned())
}

const BALANCE: [&str; 4] = ["referenceId", "balanceAfter", "heldAfter", "hash"];

#[tokio::test]
async fn the_file_of_every_kind_of_entry_is_the_one_that_the_verifier_is_tested_with() {
    let teller = Teller::new();
    teller.story().await;
    let kinds = teller.world.ledger.statement(&teller.organization).await.unwrap();
    let kinds: BTreeSet<&str> = kinds.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, EntryKind::ALL.iter().map(|kind| kind.as_str()).collect());
    let file = teller.file("").await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE);
    if std::env::var("STATEMENT").is_ok_and(|word| word == "write") {
        std::fs::write(&path, &file).unwrap();
    }
    let expected = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
    assert!(file == expected, "{} is not what the endpoint writes; STATEMENT=write", path.display());
}

#[tokio::test]
async fn a_file_begins_and_ends_with_a_balance_and_holds_what_the_pages_say_between() {
    let teller = Teller::new();
    teller.story().await;
    let all = rows(&teller.file("").await);
    let (_, pages) = read(&teller.ask("limit=100", "application/json").await);
    let items = pages["items"].as_array().unwrap();
    assert_eq!(all.len(), items.len() + 2);
    for (row, item) in all[1..].iter().zip(items.iter().rev()) {
        for column in ["transactionType", "amount", "balanceAfter", "recordedAt", "hash"] {
            assert_eq!(row[column], item[column], "{} of entry {}", column, item["seq"]);
        }
        assert_eq!(row["seq"].as_str().unwrap(), item["seq"].to_string());
    }
    let opening = ["", "opening-balance", "Opening balance", "", "", "statement", "0", "0.00"];
    let columns = [
        "seq",
        "transactionType",
        "description",
        "recordedAt",
        "amount",
        "referenceType",
        "referenceId",
        "balanceAfter",
    ];
    assert_eq!(texts(&all[0], columns), opening.map(str::to_owned));
    assert_eq!(all[0]["hash"], "0".repeat(64));
    let standing = teller.world.ledger.latest_balance(&teller.organization).await.unwrap();
    let closing = all.last().unwrap();
    assert_eq!((&closing["transactionType"], &closing["seq"]), (&"closing-balance".into(), &"".into()));
    let expected = [
        standing.seq.to_string(),
        standing.available.to_string(),
        "0.00".to_owned(),
        standing.head.to_string(),
    ];
    assert_eq!(texts(closing, BALANCE), expected);
    assert_eq!(closing["recordedAt"], standing.recorded_at.unwrap().to_string());
}

#[tokio::test]
async fn consecutive_parts_begin_where_the_part_before_ended_and_are_the_whole_together() {
    let teller = Teller::new();
    teller.story().await;
    let whole = rows(&teller.file("").await);
    let mut together = Vec::new();
    let mut ended: Option<[String; 4]> = None;
    let bounds = [
        "",
        "2026-11-01T00:00:00Z",
        "2026-11-01T00:00:00Z",
        "2026-11-10T12:00:00Z",
        "2026-12-01T00:00:00Z",
        "",
    ];
    for pair in bounds.windows(2) {
        let part = rows(&teller.file(&format!("from={}&to={}", pair[0], pair[1])).await);
        let begun = texts(&part[0], BALANCE);
        if let Some(ended) = ended {
            assert_eq!(ended, begun, "{pair:?}");
        }
        ended = Some(texts(part.last().unwrap(), BALANCE));
        together.extend(part[1..part.len() - 1].to_vec());
    }
    assert_eq!(together, whole[1..whole.len() - 1]);
    let november = rows(&teller.file("from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z").await);
    assert_eq!(november[0]["description"], "Opening balance at 2026-11-01T00:00:00.000Z");
    assert_eq!(november.last().unwrap()["description"], "Closing balance at 2026-12-01T00:00:00.000Z");
    // The very millisecond of an entry: `from` holds it, `to` does not.
    let first = &november[1]["recordedAt"].as_str().unwrap();
    assert_eq!(rows(&teller.file(&format!("from={first}")).await)[1], november[1]);
    let before = rows(&teller.file(&format!("to={first}")).await);
    assert_eq!(texts(before.last().unwrap(), BALANCE), texts(&november[0], BALANCE));
}

#[tokio::test]
async fn a_file_of_one_kind_says_that_it_is_an_extract() {
    let teller = Teller::new();
    teller.story().await;
    let extract = rows(&teller.file("kind=hold").await);
    let whole = rows(&teller.file("").await);
    let middle = &extract[1..extract.len() - 1];
    assert!(middle.iter().all(|row| row["transactionType"] == "hold") && middle.len() == 3);
    for (balance, of) in [(&extract[0], &whole[0]), (extract.last().unwrap(), whole.last().unwrap())] {
        assert_eq!(balance["referenceType"], "extract");
        assert_eq!(texts(balance, BALANCE), texts(of, BALANCE), "the balances are those of all entries");
        let words = balance["description"].as_str().unwrap();
        assert!(words.ends_with("balance; only entries of kind hold are listed"), "{words}");
    }
}

#[tokio::test]
async fn a_file_without_entries_has_its_two_balances() {
    let teller = Teller::new();
    let empty = rows(&teller.file("").await);
    assert_eq!(empty.len(), 2);
    assert_eq!(texts(&empty[0], BALANCE), texts(&empty[1], BALANCE));
    assert_eq!(empty[1]["balanceAfter"], "0.00");
    teller.story().await;
    for query in [
        "from=2027-06-01T00:00:00Z",
        "to=2026-01-01T00:00:00Z",
        "from=2026-11-10T00:00:00Z&to=2026-11-10T00:00:00Z",
    ] {
        let part = rows(&teller.file(query).await);
        assert_eq!(part.len(), 2, "{query}");
        assert_eq!(texts(&part[0], BALANCE), texts(&part[1], BALANCE), "{query}");
    }
}

#[tokio::test]
async fn a_download_for_people_opens_in_a_spreadsheet() {
    let teller = Teller::new();
    teller.story().await;
    let program = teller.file("").await;
    assert!(program.starts_with("seq,"), "a program gets no mark");
    let answer = teller.ask("", "text/csv;bom=1").await;
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let person = answer.body().as_ref();
    assert_eq!(person.strip_prefix(b"\xEF\xBB\xBF"), Some(program.as_bytes()), "else the same");
    let sheet = spreadsheet::open(person);
    let again = rows(&program);
    assert_eq!(sheet.len(), again.len() + 1);
    for (shown, row) in sheet[1..].iter().zip(&again) {
        let cells: Vec<&str> = sheet[0].iter().map(|column| row[column].as_str().unwrap()).collect();
        assert_eq!(*shown, cells);
    }
    let descriptions: Vec<&str> = sheet.iter().map(|row| row[4].as_str()).collect();
    for text in
        ["caf\u{e9} \u{2028} \u{1f4ee}", "'=2+3", "''quoted, \"twice\"", "two\r\nlines", "'@refund approved"]
    {
        assert!(descriptions.contains(&text), "{text}: {descriptions:?}");
    }
}

#[tokio::test]
async fn a_file_takes_its_own_parameters_only_and_a_range_that_runs_forward() {
    let teller = Teller::new();
    for query in ["limit=5", "cursor=abc"] {
        assert_problem(&teller.ask(query, "text/csv").await, 400, "unknown_parameter");
    }
    for accept in ["text/csv", "application/json"] {
        let backwards = "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z";
        for query in [backwards, "kind=opening-balance", "from=2026-11"] {
            assert_problem(&teller.ask(query, accept).await, 400, "invalid_parameter");
        }
    }
}

#[tokio::test]
async fn a_file_spans_5000_entries_and_not_one_more() {
    let teller = Teller::new();
    let unfreeze = |number: u64| {
        let cause = format!("dp_{number}");
        let command = Command::Unfreeze { object: "dp".to_owned() };
        movement(&teller.organization, (CauseKind::Frozen, &cause), command)
    };
    for number in 0..5_000 {
        teller.world.post(&unfreeze(number)).await.unwrap().unwrap();
    }
    assert_eq!(rows(&teller.file("").await).len(), 5_002);
    teller.world.clock.advance_seconds(60);
    teller.world.post(&unfreeze(5_000)).await.unwrap().unwrap();
    for query in ["", "kind=hold"] {
        let problem = assert_problem(&teller.ask(query, "text/csv").await, 413, "statement_too_large");
        assert_eq!((&problem["entries"], &problem["entriesMax"]), (&5_001.into(), &5_000.into()));
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("would span 5001. Request a part with from and to"), "{detail}");
    }
    // What the sentence says helps.
    let to = "2026-10-28T08:00:30Z";
    assert_eq!(rows(&teller.file(&format!("to={to}")).await).len(), 5_002);
    assert_eq!(rows(&teller.file(&format!("from={to}")).await).len(), 3);
}

#[tokio::test]
async fn a_file_of_entries_that_touch_many_lots_is_never_longer_than_lambda_answers() {
    let teller = Teller::new();
    for number in 0..32 {
        let id = format!("cs_{number}");
        teller.grant(LotKind::Purchase, (CauseKind::CheckoutSession, &id), "1.00").await;
    }
    let (mut longest, mut refused) = (0, false);
    for number in 0..700 {
        let id = format!("pur_{number}");
        let hold = Command::Hold { id: hold_id(&id), purpose: Purpose::Contacts, amount: positive("32.00") };
        teller.tell((CauseKind::ContactsHold, &id), "test", hold).await;
        let release = Command::Release { hold: hold_id(&id) };
        teller.tell((CauseKind::ContactsSettle, &id), "test", release).await;
        if number % 100 == 99 {
            let answer = teller.ask("", "text/csv").await;
            if answer.status() == 413 {
                assert_problem(&answer, 413, "statement_too_large");
                refused = true;
                break;
            }
            longest =
                serde_json::to_string(std::str::from_utf8(answer.body().as_ref()).unwrap()).unwrap().len();
        }
    }
    assert!(refused && longest < 6_000_000, "the longest that was answered has {longest} bytes");
}
