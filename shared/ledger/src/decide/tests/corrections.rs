//! Corrections by finance that remove credits, expiries posted by the clock, and the levels that both cross.

use super::*;
use crate::{Crossing, Watch};

impl Book {
    fn withdraw(&mut self, amount: &str) -> Result<Entry, Refusal> {
        self.try_do(Command::Withdraw { amount: positive(amount) })
    }

    fn watch(&mut self, levels: &[&str]) {
        self.account.watch = Watch::new(levels.iter().map(|level| money(level))).unwrap();
    }

    /// Which levels a command crosses: fell below, rose to.
    fn crosses(&mut self, command: Command) -> Option<(Vec<String>, Vec<String>)> {
        let crossing = self.accepted(command).unwrap().crossing?;
        let texts = |levels: &[Money]| levels.iter().map(ToString::to_string).collect::<Vec<_>>();
        Some((texts(&crossing.fell_below), texts(&crossing.rose_to)))
    }
}

fn grant_of(amount: &str) -> Command {
    Command::Grant {
        kind: LotKind::Purchase,
        amount: positive(amount),
        source: "src".to_owned(),
        expires_at: None,
    }
}

fn hold_of(name: &str, amount: &str) -> Command {
    Command::Hold { id: hold_id(name), purpose: Purpose::Contacts, amount: positive(amount) }
}

#[test]
fn a_withdrawal_draws_in_burn_order_and_says_so() {
    let mut book = Book::new();
    let paid = book.grant(LotKind::Purchase, "10", None);
    let free = book.grant(LotKind::Adjustment, "10", None);
    let soon = book.grant(LotKind::Subscription, "10", Some("2027-01-01T00:00:00Z"));
    let entry = book.withdraw("25").unwrap();
    assert_eq!((entry.kind, entry.amount, entry.reverses), (EntryKind::Adjustment, money("-25"), None));
    let drawn: Vec<(u64, String)> =
        entry.lots.iter().map(|part| (part.lot, part.amount.to_string())).collect();
    let expected = [(soon, "-10.00"), (free, "-10.00"), (paid, "-5.00")];
    assert_eq!(drawn, expected.map(|(lot, amount)| (lot, amount.to_owned())));
    book.assert_stands("5.00", "0.00", "0.00");
}

#[test]
fn a_withdrawal_never_makes_a_deficit() {
    let mut book = Book::new();
    let lot = book.grant(LotKind::Adjustment, "10", None);
    book.hold("h", "4").unwrap();
    let refused = book.withdraw("6.01");
    let (required, available, shortfall) = (money("6.01"), money("6"), money("0.01"));
    assert_eq!(refused, Err(Refusal::InsufficientCredits { required, available, shortfall }));
    book.withdraw("6").unwrap();
    book.assert_stands("0.00", "4.00", "0.00");
    // A deficit of other origin is not deepened either.
    book.take("1", lot);
    let refused = book.withdraw("0.01");
    assert!(
        matches!(refused, Err(Refusal::InsufficientCredits { available, .. }) if available == money("-1"))
    );
    book.assert_stands("-1.00", "4.00", "1.00");
}

#[test]
fn a_withdrawal_is_not_refused_for_a_freeze_and_expires_what_is_due_first() {
    let mut book = Book::new();
    book.grant(LotKind::Promotional, "10", Some("2026-12-01T00:00:00Z"));
    book.grant(LotKind::Adjustment, "5", None);
    book.done(Command::Freeze { object: "dp_1".to_owned(), reason: FrozenReason::Dispute });
    book.now = Timestamp::parse("2026-12-01T00:00:00Z").unwrap();
    let refused = book.withdraw("5.01");
    assert!(
        matches!(refused, Err(Refusal::InsufficientCredits { available, .. }) if available == money("5"))
    );
    book.withdraw("5").unwrap();
    book.assert_stands("0.00", "0.00", "0.00");
}

#[test]
fn a_withdrawal_has_a_total_of_its_own() {
    let mut book = Book::new();
    book.grant(LotKind::Adjustment, "10", None);
    let accepted = book.accepted(Command::Withdraw { amount: positive("4") }).unwrap();
    assert_eq!(accepted.month, MonthDelta { corrected: money("4"), ..MonthDelta::default() });
    let totals = book.account.totals;
    assert_eq!((totals.granted, totals.corrected), (money("10"), money("4")));
}

#[test]
fn expire_posts_each_due_lot_as_an_entry_of_its_own() {
    let mut book = Book::new();
    assert_eq!(book.try_do(Command::Expire), Err(Refusal::NothingExpired));
    let first = book.grant(LotKind::Promotional, "10", Some("2026-12-01T00:00:00Z"));
    let paid = book.grant(LotKind::Purchase, "3", None);
    let second = book.grant(LotKind::Subscription, "20", Some("2026-12-02T00:00:00Z"));
    let later = book.grant(LotKind::Subscription, "5", Some("2027-01-01T00:00:00Z"));
    book.now = Timestamp::parse("2026-11-30T23:59:59.999Z").unwrap();
    assert_eq!(book.try_do(Command::Expire), Err(Refusal::NothingExpired));
    book.now = Timestamp::parse("2026-12-02T00:00:00Z").unwrap();
    let accepted = book.accepted(Command::Expire).unwrap();
    let posted: Vec<_> = accepted.entries.iter().map(|entry| (entry.kind, entry.reverses)).collect();
    assert_eq!(posted, [(EntryKind::Expiry, Some(first)), (EntryKind::Expiry, Some(second))]);
    assert_eq!(accepted.entry().seq, accepted.account.seq, "its own entry is the latest");
    assert_eq!((accepted.hold, accepted.month), (None, MonthDelta::default()));
    assert_eq!(book.lots(), [(paid, "3.00".to_owned()), (later, "5.00".to_owned())]);
    assert_eq!(book.try_do(Command::Expire), Err(Refusal::NothingExpired));
}

#[test]
fn a_movement_notes_the_levels_that_it_crosses_downward_and_upward() {
    let mut book = Book::new();
    book.watch(&["50", "20", "100"]);
    let none = |levels: &[&str]| levels.iter().map(|level| (*level).to_owned()).collect::<Vec<String>>();
    assert_eq!(book.crosses(grant_of("60")), Some((none(&[]), none(&["20.00", "50.00"]))));
    assert_eq!(book.crosses(grant_of("39.99")), None);
    assert_eq!(book.crosses(grant_of("0.01")), Some((none(&[]), none(&["100.00"]))), "reached is not below");
    assert_eq!(book.crosses(hold_of("h1", "0.01")), Some((none(&["100.00"]), none(&[]))));
    assert_eq!(book.crosses(hold_of("h2", "49.99")), None, "50.00 is not below 50.00");
    assert_eq!(book.crosses(hold_of("h3", "40")), Some((none(&["20.00", "50.00"]), none(&[]))));
    let settle = Command::Settle { hold: hold_id("h3"), charge: money("5") };
    assert_eq!(book.crosses(settle), Some((none(&[]), none(&["20.00"]))));
}

#[test]
fn a_note_names_the_movements_own_entry_and_what_is_available_after_all_of_it() {
    let mut book = Book::new();
    book.grant(LotKind::Promotional, "60", Some("2026-12-01T00:00:00Z"));
    book.grant(LotKind::Purchase, "45", None);
    book.watch(&["50"]);
    book.now = Timestamp::parse("2026-12-01T00:00:00Z").unwrap();
    // The expiry that comes with it crosses the level; the record belongs to the movement.
    let accepted = book.accepted(hold_of("h", "1")).unwrap();
    let kinds: Vec<EntryKind> = accepted.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EntryKind::Expiry, EntryKind::Hold]);
    let expected = Crossing {
        organization: book.account.organization.clone(),
        seq: 4,
        cause: Some(CauseKind::Adjustment),
        fell_below: vec![money("50")],
        rose_to: Vec::new(),
        available: money("44"),
        at: book.now,
    };
    assert_eq!(accepted.crossing, Some(expected));
}

#[test]
fn what_falls_and_rises_within_one_movement_crosses_nothing() {
    let mut book = Book::new();
    book.grant(LotKind::Promotional, "60", Some("2026-12-01T00:00:00Z"));
    book.watch(&["50"]);
    book.now = Timestamp::parse("2026-12-01T00:00:00Z").unwrap();
    assert_eq!(book.crosses(grant_of("50")), None);
    assert_eq!(book.crosses(hold_of("h", "0.01")).map(|(fell, _)| fell), Some(vec!["50.00".to_owned()]));
}

#[test]
fn every_command_keeps_the_levels_that_are_watched() {
    let mut book = Book::new();
    book.watch(&["50"]);
    let watch = book.account.watch.clone();
    let lot = book.grant(LotKind::Purchase, "60", None);
    book.hold("h", "20").unwrap();
    book.settle("h", "1").unwrap();
    book.take("100", lot);
    book.done(Command::Freeze { object: "dp_1".to_owned(), reason: FrozenReason::Dispute });
    assert_eq!(book.account.watch, watch);
}
