//! Conditions of finance's commands: decided with the account, not before.

use super::*;
use crate::Condition;

fn provided(condition: Condition, kind: LotKind, amount: &str) -> Command {
    let command =
        Command::Grant { kind, amount: positive(amount), source: "src".to_owned(), expires_at: None };
    Command::Provided { condition, command: Box::new(command) }
}

fn opening() -> Command {
    provided(Condition::Unopened, LotKind::Opening, "10")
}

#[test]
fn an_organization_without_entries_is_not_corrected() {
    let mut book = Book::new();
    let correction = provided(Condition::HasEntries, LotKind::Adjustment, "1");
    assert_eq!(book.try_do(correction.clone()), Err(Refusal::NoEntries));
    book.grant(LotKind::Purchase, "10", None);
    book.done(correction);
    book.assert_stands("11.00", "0.00", "0.00");
}

#[test]
fn an_account_is_opened_once_and_while_nothing_but_grants_is_on_it() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "5", None);
    book.done(opening());
    assert!(book.account.opened);
    assert_eq!(book.try_do(opening()), Err(Refusal::NotUnopened));
    // Written before accounts had the mark: the lot shows it.
    book.account.opened = false;
    assert_eq!(book.try_do(opening()), Err(Refusal::NotUnopened));
    let mut held = Book::new();
    held.grant(LotKind::Purchase, "5", None);
    held.hold("h", "1").unwrap();
    assert_eq!(held.try_do(opening()), Err(Refusal::NotUnopened));
    held.done(Command::Settle { hold: hold_id("h"), charge: money("1") });
    assert_eq!(held.try_do(opening()), Err(Refusal::NotUnopened));
    let mut taken = Book::new();
    let lot = taken.grant(LotKind::Purchase, "5", None);
    taken.take("1", lot);
    assert_eq!(taken.try_do(opening()), Err(Refusal::NotUnopened));
}
