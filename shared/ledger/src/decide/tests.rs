//! The decision as tables: one helper calls the API, the cases state what happens.

mod conditions;
mod corrections;
mod frozen;
mod random;
mod refunds;

use super::*;
use crate::{Command, FrozenReason, GrantRef, HoldStatus, Purpose, TakeKind, verify};
use money::PositiveMoney;
use std::collections::BTreeMap;
use terms::{Actor, Fingerprint, OrganizationId};

/// An account under test, with every entry and hold that led to it.
struct Book {
    account: Account,
    entries: Vec<Entry>,
    holds: BTreeMap<String, Hold>,
    now: Timestamp,
}

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn positive(text: &str) -> PositiveMoney {
    PositiveMoney::new(money(text)).unwrap()
}

fn hold_id(name: &str) -> HoldId {
    HoldId::parse(name).unwrap()
}

impl Book {
    fn new() -> Self {
        Self {
            account: Account::empty(OrganizationId::parse("org_a").unwrap()),
            entries: Vec::new(),
            holds: BTreeMap::new(),
            now: Timestamp::parse("2026-11-22T08:00:00Z").unwrap(),
        }
    }

    fn try_do(&mut self, command: Command) -> Result<Entry, Refusal> {
        self.accepted(command).map(|accepted| accepted.entry().clone())
    }

    /// Carries out a command and returns all that would be written.
    fn accepted(&mut self, command: Command) -> Result<Accepted, Refusal> {
        let opened = match &command {
            Command::Hold { id, .. } | Command::HoldOfGrant { id, .. } | Command::HoldRest { id, .. } => {
                Some(id)
            }
            _ => None,
        };
        let named = opened.or(command.ends_hold());
        let hold = named.and_then(|name| self.holds.get(name.as_str()).cloned());
        let movement = Movement {
            organization: self.account.organization.clone(),
            cause: Cause::new(CauseKind::Adjustment, "test"),
            fingerprint: Fingerprint::of(&["test"]),
            actor: Actor::system("test"),
            occurred_at: None,
            description: "test".to_owned(),
            command,
        };
        let accepted = decide(&self.account, hold.as_ref(), &movement, Context { now: self.now })?;
        if let Some(change) = &accepted.hold {
            self.holds.insert(change.hold().id.to_string(), change.hold().clone());
        }
        self.entries.extend(accepted.entries.clone());
        self.account = accepted.account.clone();
        self.check_invariants();
        Ok(accepted)
    }

    fn done(&mut self, command: Command) -> Entry {
        self.try_do(command).unwrap()
    }

    fn grant(&mut self, kind: LotKind, amount: &str, expires_at: Option<&str>) -> u64 {
        let expires_at = expires_at.map(|at| Timestamp::parse(at).unwrap());
        let source = format!("src_{}", self.account.seq);
        self.done(Command::Grant { kind, amount: positive(amount), source, expires_at }).seq
    }

    fn hold(&mut self, name: &str, amount: &str) -> Result<Entry, Refusal> {
        self.try_do(Command::Hold { id: hold_id(name), purpose: Purpose::Refund, amount: positive(amount) })
    }

    fn settle(&mut self, name: &str, charge: &str) -> Result<Entry, Refusal> {
        self.try_do(Command::Settle { hold: hold_id(name), charge: money(charge) })
    }

    fn release(&mut self, name: &str) -> Result<Entry, Refusal> {
        self.try_do(Command::Release { hold: hold_id(name) })
    }

    /// A grant as refunds name it. What is no grant counts as a purchase.
    fn grant_at(&self, seq: u64) -> GrantRef {
        let lot = self.entries.iter().find(|entry| entry.seq == seq).and_then(|entry| entry.lots.first());
        GrantRef { seq, kind: lot.map_or(LotKind::Purchase, |part| part.kind) }
    }

    fn take(&mut self, amount: &str, grant_seq: u64) -> Entry {
        let grant = self.grant_at(grant_seq);
        self.done(Command::Take { kind: TakeKind::Refund, amount: positive(amount), grant })
    }

    fn stands(&self) -> (String, String, String) {
        let available = self.account.available().unwrap();
        (available.to_string(), self.account.held.to_string(), self.account.deficit.to_string())
    }

    #[track_caller]
    fn assert_stands(&self, available: &str, held: &str, deficit: &str) {
        assert_eq!(self.stands(), (available.to_owned(), held.to_owned(), deficit.to_owned()));
    }

    #[track_caller]
    fn check_invariants(&self) {
        verify(&self.entries, self.account.head).unwrap();
        let open = self.holds.values().filter(|hold| hold.status == HoldStatus::Open);
        assert_eq!(Money::sum(open.map(|hold| hold.amount)).unwrap(), self.account.held);
        assert!(self.account.deficit.is_zero() || self.account.lots.is_empty());
        assert!(self.account.lots.iter().all(|lot| lot.remaining.is_positive()));
        assert!(self.account.lots.len() <= limits::LOTS_MAX);
        for entry in &self.entries {
            let postings = crate::postings(entry, crate::PostingRecord::None).unwrap();
            assert!(Money::sum(postings.iter().map(|line| line.amount)).unwrap().is_zero());
        }
    }

    fn lots(&self) -> Vec<(u64, String)> {
        self.account.lots.iter().map(|lot| (lot.seq, lot.remaining.to_string())).collect()
    }
}

#[test]
fn six_holds_of_1000_on_5000_admit_five() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "5000", None);
    for at in 0..5 {
        book.hold(&format!("h{at}"), "1000").unwrap();
    }
    let sixth = book.hold("h5", "1000");
    let (required, available, shortfall) = (money("1000"), money("0"), money("1000"));
    assert_eq!(sixth, Err(Refusal::InsufficientCredits { required, available, shortfall }));
    book.assert_stands("0.00", "5000.00", "0.00");
}

#[test]
fn a_hold_of_what_is_exactly_there_is_granted_and_one_cent_more_is_not() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "99.50", None);
    let refused = book.hold("h", "99.51");
    assert!(
        matches!(refused, Err(Refusal::InsufficientCredits { shortfall, .. }) if shortfall == money("0.01"))
    );
    book.hold("h", "99.50").unwrap();
    book.assert_stands("0.00", "99.50", "0.00");
}

#[test]
fn a_settle_charges_what_was_delivered_and_returns_the_rest() {
    for (charge, available) in [("1000", "0.00"), ("600", "400.00"), ("0.01", "999.99"), ("0", "1000.00")] {
        let mut book = Book::new();
        book.grant(LotKind::Purchase, "1000", None);
        book.hold("h", "1000").unwrap();
        let entry = book.settle("h", charge).unwrap();
        book.assert_stands(available, "0.00", "0.00");
        let kind = if charge == "0" { EntryKind::Release } else { EntryKind::Charge };
        assert_eq!(entry.kind, kind);
        assert_eq!(book.account.totals.spent, money(charge));
    }
}

#[test]
fn a_hold_ends_once() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "10", None);
    book.hold("h", "10").unwrap();
    assert_eq!(book.settle("h", "10.01"), Err(Refusal::ChargeExceedsHold));
    assert_eq!(book.settle("h", "-1"), Err(Refusal::ChargeExceedsHold));
    book.settle("h", "4").unwrap();
    let ended = Refusal::HoldEnded { status: HoldStatus::Settled };
    assert_eq!(book.settle("h", "4"), Err(ended.clone()));
    assert_eq!(book.release("h"), Err(ended));
    assert_eq!(book.release("other"), Err(Refusal::HoldMissing));
    assert_eq!(book.hold("h", "1"), Err(Refusal::HoldExists));
}

#[test]
fn credits_burn_soonest_expiry_first_then_free_then_oldest() {
    let mut book = Book::new();
    let paid = book.grant(LotKind::Purchase, "10", None);
    let free = book.grant(LotKind::Promotional, "10", None);
    let late = book.grant(LotKind::Subscription, "10", Some("2027-03-01T00:00:00Z"));
    let soon = book.grant(LotKind::Subscription, "10", Some("2027-01-01T00:00:00Z"));
    let drawn = |entry: Entry| -> Vec<u64> { entry.lots.iter().map(|part| part.lot).collect() };
    assert_eq!(drawn(book.hold("a", "15").unwrap()), [soon, late]);
    assert_eq!(drawn(book.hold("b", "10").unwrap()), [late, free]);
    assert_eq!(drawn(book.hold("c", "15").unwrap()), [free, paid]);
}

#[test]
fn due_expiries_are_posted_before_anything_is_decided() {
    let mut book = Book::new();
    book.grant(LotKind::Promotional, "10", Some("2026-12-01T00:00:00Z"));
    book.grant(LotKind::Purchase, "5", None);
    book.now = Timestamp::parse("2026-12-01T00:00:00Z").unwrap();
    let refused = book.hold("h", "6");
    assert!(
        matches!(refused, Err(Refusal::InsufficientCredits { available, .. }) if available == money("5"))
    );
    book.hold("h", "5").unwrap();
    let kinds: Vec<EntryKind> = book.entries.iter().map(|entry| entry.kind).collect();
    let expected = [EntryKind::Promotional, EntryKind::Purchase, EntryKind::Expiry, EntryKind::Hold];
    assert_eq!(kinds, expected);
}

#[test]
fn what_returns_after_its_time_expires_at_once() {
    let mut book = Book::new();
    book.grant(LotKind::Promotional, "10", Some("2026-12-01T00:00:00Z"));
    book.hold("h", "10").unwrap();
    book.now = Timestamp::parse("2026-12-02T00:00:00Z").unwrap();
    book.settle("h", "4").unwrap();
    book.assert_stands("0.00", "0.00", "0.00");
    let last = book.entries.last().unwrap();
    assert_eq!((last.kind, last.amount), (EntryKind::Expiry, money("-6")));
}

#[test]
fn paid_credits_never_expire() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "10", Some("2026-12-01T00:00:00Z"));
    book.now = Timestamp::parse("2036-12-02T00:00:00Z").unwrap();
    book.hold("h", "10").unwrap();
}

#[test]
fn a_refund_takes_its_own_lot_first_then_others_then_leaves_a_deficit() {
    let mut book = Book::new();
    let first = book.grant(LotKind::Purchase, "50", None);
    let second = book.grant(LotKind::Purchase, "50", None);
    let drawn: Vec<u64> = book.take("30", second).lots.iter().map(|part| part.lot).collect();
    assert_eq!(drawn, [second]);
    let drawn: Vec<u64> = book.take("60", second).lots.iter().map(|part| part.lot).collect();
    assert_eq!(drawn, [second, first]);
    book.take("25", first);
    book.assert_stands("-15.00", "0.00", "15.00");
    let frozen = Refusal::AccountFrozen { reasons: vec![FrozenReason::Deficit] };
    assert_eq!(book.hold("h", "1"), Err(frozen));
    book.grant(LotKind::Purchase, "20", None);
    book.assert_stands("5.00", "0.00", "0.00");
}

#[test]
fn settle_and_release_are_never_refused_for_a_deficit_or_a_freeze() {
    let mut book = Book::new();
    let grant = book.grant(LotKind::Purchase, "100", None);
    book.hold("a", "60").unwrap();
    book.hold("b", "40").unwrap();
    book.take("100", grant);
    book.done(Command::Freeze { object: "dp_1".to_owned(), reason: FrozenReason::Dispute });
    book.assert_stands("-100.00", "100.00", "100.00");
    book.settle("a", "50").unwrap();
    book.assert_stands("-90.00", "40.00", "90.00");
    book.release("b").unwrap();
    book.assert_stands("-50.00", "0.00", "50.00");
}

#[test]
fn what_a_taking_took_goes_back_to_the_lots_it_came_from() {
    let mut book = Book::new();
    let own = book.grant(LotKind::Purchase, "50", None);
    let other = book.grant(LotKind::Purchase, "20", None);
    let taken = book.take("80", own);
    book.assert_stands("-10.00", "0.00", "10.00");
    let mut parts: Vec<Part> =
        taken.lots.iter().map(|part| part.with_amount(part.amount.negated())).collect();
    parts.push(Part { amount: money("10"), ..parts[0].clone() });
    book.done(Command::GiveBack { kind: TakeKind::Refund, parts, taking_seq: taken.seq });
    book.assert_stands("70.00", "0.00", "0.00");
    assert_eq!(book.lots(), [(own, "50.00".to_owned()), (other, "20.00".to_owned())]);
}

#[test]
fn two_disputes_with_one_lifted_stay_frozen() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "50", None);
    for object in ["dp_1", "dp_2"] {
        book.done(Command::Freeze { object: object.to_owned(), reason: FrozenReason::Dispute });
    }
    book.done(Command::Unfreeze { object: "dp_1".to_owned() });
    assert!(matches!(book.hold("h", "1"), Err(Refusal::AccountFrozen { .. })));
    book.done(Command::Unfreeze { object: "dp_2".to_owned() });
    book.hold("h", "1").unwrap();
}

#[test]
fn lots_stay_at_32_by_merging_the_two_oldest_paid_ones() {
    let mut book = Book::new();
    for _ in 0..32 {
        book.grant(LotKind::Purchase, "1", None);
    }
    assert_eq!(book.account.lots.len(), 32);
    book.grant(LotKind::Purchase, "1", None);
    assert_eq!(book.account.lots.len(), 32);
    assert_eq!(book.lots()[0], (1, "2.00".to_owned()));
    assert!(book.account.lots[0].covers(2) && !book.account.lots[0].covers(3));
    let taken = book.take("1", 2);
    assert_eq!(taken.lots[0].lot, 1, "a merged purchase is refunded from the merged lot");
}

#[test]
fn paid_lots_merge_before_free_ones_do() {
    let mut book = Book::new();
    for _ in 0..3 {
        book.grant(LotKind::Promotional, "1", None);
    }
    for _ in 0..30 {
        book.grant(LotKind::Purchase, "1", None);
    }
    let lots: Vec<(u64, u64)> = book.account.lots.iter().map(|lot| (lot.seq, lot.last_seq)).collect();
    assert_eq!(lots[..5], [(1, 1), (2, 2), (3, 3), (4, 5), (6, 6)]);
    assert_eq!(lots.len(), 32);
}

#[test]
fn a_hold_knows_the_entries_that_opened_and_ended_it() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "10", None);
    let opened = book.hold("h1", "4").unwrap().seq;
    let ended = book.settle("h1", "3").unwrap().seq;
    let hold = &book.holds["h1"];
    assert_eq!((hold.opened_seq, hold.ended_seq), (opened, Some(ended)));
}

#[test]
fn free_lots_merge_to_the_later_expiry_when_no_two_paid_ones_are_left() {
    let mut book = Book::new();
    for at in 0..33 {
        let expiry = format!("2027-01-{:02}T00:00:00Z", 1 + at % 28);
        book.grant(LotKind::Subscription, "1", Some(&expiry));
    }
    assert_eq!(book.account.lots.len(), 32);
    let merged = &book.account.lots[0];
    assert_eq!(merged.expires_at, Some(Timestamp::parse("2027-01-02T00:00:00Z").unwrap()));
}

#[test]
fn open_holds_are_bounded_for_each_purpose() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "100", None);
    let hold = |name: String, purpose| Command::Hold { id: hold_id(&name), purpose, amount: positive("1") };
    for at in 0..5 {
        book.done(hold(format!("c{at}"), Purpose::Contacts));
    }
    let sixth = book.try_do(hold("c5".to_owned(), Purpose::Contacts));
    assert_eq!(sixth, Err(Refusal::TooManyOpen { purpose: Purpose::Contacts, limit: 5 }));
    book.done(hold("p0".to_owned(), Purpose::Postcards));
    book.release("c0").unwrap();
    book.done(hold("c6".to_owned(), Purpose::Contacts));
}

#[test]
fn recorded_times_never_run_backwards() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "1", None);
    let first = book.now;
    book.now = first.plus_seconds(-3600);
    book.grant(LotKind::Purchase, "1", None);
    assert_eq!(book.entries[1].recorded_at, first);
}

#[test]
fn a_charge_credited_back_returns_to_the_lots_it_used() {
    let mut book = Book::new();
    let lot = book.grant(LotKind::Purchase, "10", None);
    book.hold("h", "10").unwrap();
    let charge = book.settle("h", "10").unwrap();
    let parts = vec![charge.lots[0].with_amount(money("2"))];
    book.done(Command::CreditBack { parts, charge_seq: charge.seq });
    assert_eq!(book.lots(), [(lot, "2.00".to_owned())]);
    assert_eq!(book.account.totals.spent, money("8"));
    let nothing = Command::CreditBack { parts: Vec::new(), charge_seq: charge.seq };
    assert_eq!(book.try_do(nothing), Err(Refusal::NothingToGiveBack));
}
