//! Refunds approved by finance: credits of one grant are put on hold, then the refund ends the hold.

use super::*;

impl Book {
    fn hold_of_grant(&mut self, name: &str, amount: &str, grant: GrantRef) -> Result<Entry, Refusal> {
        self.try_do(Command::HoldOfGrant { id: hold_id(name), amount: positive(amount), grant })
    }

    fn settle_refund(&mut self, name: &str, amount: &str, grant_seq: u64) -> Result<Entry, Refusal> {
        self.try_do(Command::SettleRefund { hold: hold_id(name), amount: positive(amount), grant_seq })
    }
}

fn parts(entry: &Entry) -> Vec<(u64, String)> {
    entry.lots.iter().map(|part| (part.lot, part.amount.to_string())).collect()
}

fn lacks(required: &str, available: &str, shortfall: &str) -> Result<Entry, Refusal> {
    let (required, available, shortfall) = (money(required), money(available), money(shortfall));
    Err(Refusal::InsufficientCredits { required, available, shortfall })
}

#[test]
fn a_hold_of_a_grant_draws_from_that_grants_lot_alone() {
    let mut book = Book::new();
    let free = book.grant(LotKind::Promotional, "40", Some("2026-12-01T00:00:00Z"));
    let first = book.grant(LotKind::Purchase, "50", None);
    let second = book.grant(LotKind::TopUp, "30", None);
    let grant = book.grant_at(second);
    assert_eq!(book.hold_of_grant("r1", "30.01", grant), lacks("30.01", "30", "0.01"));
    let held = book.hold_of_grant("r1", "30", grant).unwrap();
    assert_eq!((held.kind, held.amount), (EntryKind::Hold, money("-30")));
    assert_eq!(parts(&held), [(second, "-30.00".to_owned())]);
    book.assert_stands("90.00", "30.00", "0.00");
    assert_eq!(book.lots(), [(free, "40.00".to_owned()), (first, "50.00".to_owned())]);
    assert_eq!(book.account.open_holds.get(&Purpose::Refund), Some(&1));
    assert_eq!(book.hold_of_grant("r2", "0.01", grant), lacks("0.01", "0", "0.01"), "its lot is gone");
    assert_eq!(book.hold_of_grant("r1", "1", book.grant_at(first)), Err(Refusal::HoldExists));
}

#[test]
fn a_merged_grant_is_held_from_the_merged_lot_and_a_free_one_between_is_not_a_part_of_it() {
    let mut book = Book::new();
    book.grant(LotKind::Purchase, "10", None);
    let free = book.grant(LotKind::Promotional, "5", None);
    for _ in 0..31 {
        book.grant(LotKind::Purchase, "10", None);
    }
    let merged = &book.account.lots[0];
    assert_eq!((merged.seq, merged.last_seq, merged.remaining), (1, 3, money("20")));
    assert!(merged.covers(free) && !merged.is_of(book.grant_at(free)));
    let (of_free, of_third) = (book.grant_at(free), book.grant_at(3));
    assert_eq!(book.account.remaining_of(of_free), money("5"));
    assert_eq!(book.account.remaining_of(of_third), money("20"));
    let held = book.hold_of_grant("r1", "15", of_third).unwrap();
    assert_eq!(parts(&held), [(1, "-15.00".to_owned())]);
    let held = book.hold_of_grant("r2", "5", of_free).unwrap();
    assert_eq!(parts(&held), [(free, "-5.00".to_owned())]);
    // With its own lot gone, a free grant never draws from the paid lot whose numbers span its own.
    assert_eq!(book.account.remaining_of(of_free), Money::ZERO);
    assert_eq!(book.hold_of_grant("r3", "1", of_free), lacks("1", "0", "1"));
    let taken = book.take("1", free);
    assert_eq!(parts(&taken), [(1, "-1.00".to_owned())], "burn order, as for any lot that is gone");
}

#[test]
fn a_frozen_account_and_one_with_100_open_refunds_refuse_a_hold_of_a_grant() {
    let mut book = Book::new();
    let lot = book.grant(LotKind::Purchase, "500", None);
    let grant = book.grant_at(lot);
    book.done(Command::Freeze { object: "dp_1".to_owned(), reason: FrozenReason::Dispute });
    let frozen = Refusal::AccountFrozen { reasons: vec![FrozenReason::Dispute] };
    assert_eq!(book.hold_of_grant("r", "1", grant), Err(frozen));
    book.done(Command::Unfreeze { object: "dp_1".to_owned() });
    for at in 0..limits::OPEN_REFUNDS_MAX {
        book.hold_of_grant(&format!("r{at}"), "1", grant).unwrap();
    }
    let refused = Refusal::TooManyOpen { purpose: Purpose::Refund, limit: limits::OPEN_REFUNDS_MAX };
    assert_eq!(book.hold_of_grant("r", "1", grant), Err(refused));
    book.release("r0").unwrap();
    book.hold_of_grant("r", "1", grant).unwrap();
    let drawn = book.take("500", lot);
    assert_eq!(drawn.kind, EntryKind::Refund);
    let owed = Refusal::AccountFrozen { reasons: vec![FrozenReason::Deficit] };
    assert_eq!(book.hold_of_grant("s", "1", grant), Err(owed));
}

#[test]
fn a_refund_ends_its_hold_and_returns_the_rest() {
    for (amount, available, lots) in [("30", "70.00", 1), ("29.99", "70.01", 2), ("0.01", "99.99", 2)] {
        let mut book = Book::new();
        let lot = book.grant(LotKind::Purchase, "100", None);
        book.hold_of_grant("r", "30", book.grant_at(lot)).unwrap();
        let refund = book.settle_refund("r", amount, lot).unwrap();
        assert_eq!((refund.kind, refund.amount), (EntryKind::Refund, money(amount).negated()));
        assert_eq!((refund.reverses, refund.lots.len()), (Some(lot), lots));
        book.assert_stands(available, "0.00", "0.00");
        assert!(book.account.open_holds.is_empty());
        let hold = &book.holds["r"];
        assert_eq!((hold.status, hold.ended_seq), (HoldStatus::Settled, Some(refund.seq)));
        // Nothing was spent, and what was bought stays bought: a refund has a column of its own.
        assert_eq!((book.account.totals.spent, book.account.totals.purchased), (Money::ZERO, money("100")));
    }
}

#[test]
fn a_refund_ends_a_hold_once_and_never_takes_more_than_is_held() {
    let mut book = Book::new();
    let lot = book.grant(LotKind::Purchase, "100", None);
    book.hold_of_grant("r", "30", book.grant_at(lot)).unwrap();
    assert_eq!(book.settle_refund("r", "30.01", lot), Err(Refusal::ChargeExceedsHold));
    assert_eq!(book.settle_refund("other", "1", lot), Err(Refusal::HoldMissing));
    book.assert_stands("70.00", "30.00", "0.00");
    book.settle_refund("r", "30", lot).unwrap();
    let settled = Refusal::HoldEnded { status: HoldStatus::Settled };
    assert_eq!(book.settle_refund("r", "30", lot), Err(settled.clone()));
    assert_eq!(book.release("r"), Err(settled));
    book.hold_of_grant("s", "30", book.grant_at(lot)).unwrap();
    book.release("s").unwrap();
    let released = Refusal::HoldEnded { status: HoldStatus::Released };
    assert_eq!(book.settle_refund("s", "30", lot), Err(released));
    book.assert_stands("70.00", "0.00", "0.00");
}

#[test]
fn the_rest_of_a_refunds_hold_pays_a_deficit_first_and_is_never_refused_for_it() {
    let mut book = Book::new();
    let lot = book.grant(LotKind::Purchase, "100", None);
    book.hold_of_grant("r", "30", book.grant_at(lot)).unwrap();
    book.take("80", lot);
    book.assert_stands("-10.00", "30.00", "10.00");
    let refund = book.settle_refund("r", "18", lot).unwrap();
    assert_eq!(parts(&refund), [(lot, "-18.00".to_owned()), (lot, "2.00".to_owned())]);
    book.assert_stands("2.00", "0.00", "0.00");
}

#[test]
fn a_refund_that_ended_a_hold_is_given_back_to_the_lot_that_it_came_from() {
    let mut book = Book::new();
    let lot = book.grant(LotKind::Purchase, "100", None);
    book.hold_of_grant("r", "100", book.grant_at(lot)).unwrap();
    let refund = book.settle_refund("r", "60", lot).unwrap();
    let drawn = refund.lots.iter().filter(|part| part.amount.is_negative());
    let parts: Vec<Part> = drawn.map(|part| part.with_amount(part.amount.negated())).collect();
    book.done(Command::GiveBack { kind: TakeKind::Refund, parts, taking_seq: refund.seq });
    book.assert_stands("100.00", "0.00", "0.00");
    assert_eq!(book.lots(), [(lot, "100.00".to_owned())]);
}

#[test]
fn the_month_counts_a_refund_as_taken_whether_or_not_a_hold_came_first() {
    let mut book = Book::new();
    let lot = book.grant(LotKind::Purchase, "100", None);
    let grant = book.grant_at(lot);
    book.hold_of_grant("r", "30", grant).unwrap();
    let settle = Command::SettleRefund { hold: hold_id("r"), amount: positive("20"), grant_seq: lot };
    let take = Command::Take { kind: TakeKind::Refund, amount: positive("20"), grant };
    for command in [settle, take] {
        let accepted = book.accepted(command).unwrap();
        assert_eq!(accepted.month, MonthDelta { taken: money("20"), ..MonthDelta::default() });
    }
}
