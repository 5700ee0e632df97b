//! The rest of one grant is put on hold, and refunds and disputes reverse it from there.

use super::*;

fn grant_ref(seq: u64) -> GrantRef {
    GrantRef { seq, kind: LotKind::Purchase }
}

fn rest(name: &str, at_most: &str, seq: u64) -> Command {
    Command::HoldRest { id: hold_id(name), at_most: positive(at_most), grant: grant_ref(seq) }
}

fn take(name: &str, amount: &str, seq: u64) -> Command {
    let (hold, amount, grant) = (hold_id(name), positive(amount), grant_ref(seq));
    Command::TakeHeld { hold, kind: TakeKind::Refund, amount, grant }
}

#[test]
fn what_is_left_of_a_grant_is_put_aside_whatever_stands_against_holds() {
    let mut book = Book::new();
    let first = book.grant(LotKind::Purchase, "100", None);
    book.grant(LotKind::Purchase, "50", None);
    book.hold("h", "30").unwrap();
    book.done(Command::Freeze { object: "dp_1".to_owned(), reason: FrozenReason::Dispute });
    let entry = book.done(rest("w", "100", first));
    assert_eq!((entry.kind, entry.amount), (EntryKind::Hold, money("-70")));
    book.assert_stands("50.00", "100.00", "0.00");
    let nothing = book.try_do(rest("v", "100", first));
    assert!(matches!(nothing, Err(Refusal::InsufficientCredits { .. })), "{nothing:?}");
    let mut bounded = Book::new();
    let first = bounded.grant(LotKind::Purchase, "100", None);
    bounded.done(rest("w", "60", first));
    bounded.assert_stands("40.00", "60.00", "0.00");
}

#[test]
fn a_refund_returns_what_is_held_and_takes_it_in_one_movement() {
    let mut book = Book::new();
    let first = book.grant(LotKind::Purchase, "100", None);
    book.grant(LotKind::Purchase, "50", None);
    book.done(rest("w", "100", first));
    let accepted = book.accepted(take("w", "40", first)).unwrap();
    let kinds: Vec<EntryKind> = accepted.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EntryKind::Release, EntryKind::Refund]);
    assert_eq!(accepted.entry().reverses, Some(first));
    assert_eq!(accepted.entries[0].cause, Cause::new(CauseKind::FraudWarningLifted, "w"));
    book.assert_stands("110.00", "0.00", "0.00");
    assert_eq!(
        book.try_do(take("w", "1", first)),
        Err(Refusal::HoldEnded { status: HoldStatus::Released }),
        "a hold ends once"
    );
    book.done(rest("w2", "60", first));
    // More than is held of it: the other purchase, then a deficit.
    book.done(take("w2", "120", first));
    book.assert_stands("-10.00", "0.00", "10.00");
}
