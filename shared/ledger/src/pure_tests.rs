//! Entries: their hashes, their arithmetic, and the faults that verification finds.

use crate::*;
use money::{Money, PositiveMoney};
use std::collections::BTreeMap;
use terms::{Actor, Fingerprint, HoldId, OrganizationId, Timestamp};

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn part(lot: u64, kind: LotKind, amount: &str, expires_at: Option<&str>) -> Part {
    let source = format!("src_{lot}");
    Part { lot, kind, source, amount: money(amount), expires_at: expires_at.map(at) }
}

/// An entry after `available` and `held`, which change by these amounts.
fn entry(
    kind: EntryKind,
    amount: &str,
    (available, held): (&str, &str),
    (available_by, held_by): (&str, &str),
    lots: &[&str],
) -> Entry {
    let sum = |left: &str, right: &str| money(left).plus(money(right)).unwrap();
    let lots = lots.iter().map(|amount| part(1, LotKind::Purchase, amount, None)).collect();
    Entry {
        organization: OrganizationId::parse("org_a").unwrap(),
        seq: 0,
        kind,
        amount: money(amount),
        available_before: money(available),
        available_after: sum(available, available_by),
        held_before: money(held),
        held_after: sum(held, held_by),
        cause: Cause::new(CauseKind::Adjustment, "c1"),
        actor: Actor::user("u1"),
        description: "test".to_owned(),
        occurred_at: at("2026-11-22T08:00:00Z"),
        recorded_at: at("2026-11-22T08:00:00Z"),
        lots,
        reverses: None,
        previous_hash: Hash::ZERO,
        hash: Hash::ZERO,
    }
}

/// Numbers and chains entries as the ledger does.
fn chained(mut entries: Vec<Entry>) -> (Vec<Entry>, Hash) {
    let mut hash = Hash::ZERO;
    for (seq, entry) in (1..).zip(&mut entries) {
        entry.seq = seq;
        entry.previous_hash = hash;
        entry.hash = entry.computed_hash();
        hash = entry.hash;
    }
    (entries, hash)
}

/// Bought 10, held 4, charged 3 of it, refunded 7, reinstated 2.
fn story() -> Vec<Entry> {
    vec![
        entry(EntryKind::Purchase, "10", ("0", "0"), ("10", "0"), &["10"]),
        entry(EntryKind::Hold, "-4", ("10", "0"), ("-4", "4"), &["-4"]),
        entry(EntryKind::Charge, "-3", ("6", "4"), ("1", "-4"), &["-3", "1"]),
        entry(EntryKind::Refund, "-7", ("7", "0"), ("-7", "0"), &["-7"]),
        entry(EntryKind::RefundUndone, "2", ("0", "0"), ("2", "0"), &["2"]),
    ]
}

#[test]
fn a_statement_that_was_changed_is_found_out_wherever_it_was_changed() {
    let (sound, head) = chained(story());
    assert_eq!(verify(&sound, head), Ok(()));
    assert_eq!(verify(&[], Hash::ZERO), Ok(()));
    assert_eq!(verify(&sound, Hash::ZERO), Err(StatementFault::Head));
    assert_eq!(verify(&sound[..4], head), Err(StatementFault::Head));
    let changed = |change: fn(&mut Vec<Entry>)| {
        let (mut entries, head) = chained(story());
        change(&mut entries);
        verify(&entries, head).unwrap_err()
    };
    assert_eq!(changed(|all| drop(all.remove(1))), StatementFault::Gap { expected: 2, found: 3 });
    assert_eq!(changed(|all| all[1].available_before = Money::ZERO), StatementFault::Chain(2));
    assert_eq!(changed(|all| all[2].held_before = Money::ZERO), StatementFault::Chain(3));
    assert_eq!(changed(|all| all[2].description.push('x')), StatementFault::Hash(3));
    assert_eq!(changed(|all| all[2].previous_hash = Hash([1; 32])), StatementFault::Hash(3));
    let (mut late, _) = chained(story());
    late[0].recorded_at = at("2026-11-22T08:00:01Z");
    let (late, head) = chained(late);
    assert_eq!(verify(&late, head), Err(StatementFault::Time(2)));
}

#[test]
fn an_entry_that_does_not_add_up_is_found_out_behind_a_fresh_hash() {
    use EntryKind::{Adjustment, Charge, Expiry, Frozen, Hold, Purchase, Refund, Release};
    let table = [
        ("a hold takes what it says", entry(Hold, "-4", ("10", "0"), ("-3", "3"), &["-4"])),
        ("a hold keeps what it takes", entry(Hold, "-4", ("10", "0"), ("-4", "3"), &["-4"])),
        ("a hold comes from its lots", entry(Hold, "-4", ("10", "0"), ("-4", "4"), &["-3"])),
        ("a release returns what it says", entry(Release, "4", ("0", "4"), ("3", "-3"), &["3"])),
        ("a release returns all", entry(Release, "4", ("0", "4"), ("4", "-3"), &["4"])),
        ("a release draws nothing", entry(Release, "4", ("0", "4"), ("4", "-4"), &["4", "-1"])),
        ("a charge is what is gone", entry(Charge, "-3", ("0", "4"), ("0", "-4"), &["-3"])),
        ("a charge comes from its lots", entry(Charge, "-3", ("0", "4"), ("1", "-4"), &["-2", "1"])),
        ("a refund takes what it says", entry(Refund, "-4", ("10", "0"), ("-3", "0"), &["-3"])),
        ("a refund draws no more", entry(Refund, "-4", ("10", "0"), ("-4", "0"), &["-5"])),
        ("a refund puts nothing aside", entry(Refund, "-4", ("10", "0"), ("-4", "1"), &["-4"])),
        ("a refund of a hold is what is gone", entry(Refund, "-3", ("0", "4"), ("0", "-4"), &["-3"])),
        ("a refund of a hold is of its lots", entry(Refund, "-3", ("0", "4"), ("1", "-4"), &["-2", "1"])),
        ("a refund of a hold returns no more", entry(Refund, "-3", ("0", "4"), ("1", "-4"), &["-3", "2"])),
        ("a refund of a hold takes no more", entry(Refund, "-5", ("6", "4"), ("-1", "-4"), &["-5"])),
        ("a withdrawal takes what it says", entry(Adjustment, "-4", ("10", "0"), ("-3", "0"), &["-4"])),
        ("a withdrawal draws what it says", entry(Adjustment, "-4", ("10", "0"), ("-4", "0"), &["-3"])),
        ("a withdrawal returns nothing", entry(Adjustment, "-4", ("10", "0"), ("-4", "0"), &["-4", "1"])),
        ("a withdrawal leaves holds", entry(Adjustment, "-4", ("10", "4"), ("-4", "-4"), &["-4"])),
        ("a correction corrects something", entry(Adjustment, "0", ("10", "0"), ("0", "0"), &[])),
        ("an expiry is its lot", entry(Expiry, "-4", ("10", "0"), ("-4", "0"), &["-3"])),
        ("a freeze moves nothing", entry(Frozen, "0", ("10", "0"), ("-1", "0"), &[])),
        ("a purchase gives what it says", entry(Purchase, "4", ("0", "0"), ("3", "0"), &["3"])),
        ("a purchase draws nothing", entry(Purchase, "4", ("0", "0"), ("4", "0"), &["4", "-1"])),
    ];
    for (name, lie) in table {
        let fault = behind_what_leads_to_it(lie);
        assert!(matches!(fault, Err(StatementFault::Arithmetic(_))), "{name}: {fault:?}");
    }
}

#[test]
fn refunds_that_end_a_hold_and_corrections_of_either_sign_add_up() {
    use EntryKind::{Adjustment, Refund};
    let table = [
        ("a refund of all that is held", entry(Refund, "-4", ("6", "4"), ("0", "-4"), &["-4"])),
        ("a refund whose rest returns", entry(Refund, "-3", ("6", "4"), ("1", "-4"), &["-3", "1"])),
        ("a refund whose rest pays a deficit", entry(Refund, "-3", ("6", "4"), ("1", "-4"), &["-3"])),
        ("a withdrawal", entry(Adjustment, "-4", ("10", "0"), ("-4", "0"), &["-4"])),
        ("a grant by finance", entry(Adjustment, "4", ("10", "0"), ("4", "0"), &["4"])),
    ];
    for (name, sound) in table {
        assert_eq!(behind_what_leads_to_it(sound), Ok(()), "{name}");
    }
}

/// Verifies an entry after valid ones that lead to the balances before it.
fn behind_what_leads_to_it(entry_at_last: Entry) -> Result<(), StatementFault> {
    let (available, held) = (entry_at_last.available_before, entry_at_last.held_before);
    let all = available.plus(held).unwrap().to_string();
    let mut entries = Vec::new();
    if all != "0.00" {
        entries.push(entry(EntryKind::Opening, &all, ("0", "0"), (&all, "0"), &[&all]));
    }
    if !held.is_zero() {
        let (held, drawn) = (held.to_string(), held.negated().to_string());
        entries.push(entry(EntryKind::Hold, &drawn, (&all, "0"), (&drawn, &held), &[&drawn]));
    }
    let (before, head) = chained(entries.clone());
    assert_eq!(verify(&before, head), Ok(()));
    entries.push(entry_at_last);
    let (entries, head) = chained(entries);
    verify(&entries, head)
}

/// Written by hand from SPECIFICATION.md.
const CANONICAL: &str = r#"{"actor":"user:u1","amount":"-299.95","balanceAfter":"0.05","balanceBefore":"300.00","description":"857 contacts: \"Neighbours\"","heldAfter":"299.95","heldBefore":"0.00","lots":[{"amount":"-299.95","expiresAt":null,"kind":"purchase","lot":"L1","source":"ord_1"}],"occurredAt":"2026-11-30T23:50:00.000Z","organizationId":"org_a","recordedAt":"2026-12-01T00:05:00.000Z","referenceId":"pur_1","referenceType":"contacts-hold","reverses":null,"seq":2,"transactionType":"hold"}"#;

/// SHA-256 of 32 bytes of 7 and the text above, by another program.
const HASH: &str = "1d411bb706a694e09fc7c73ba23f431a83f4b7adcc8c15db102ea8b874012885";

#[test]
fn an_entrys_canonical_form_and_hash_are_those_of_the_specification() {
    let mut held = entry(EntryKind::Hold, "-299.95", ("300", "0"), ("-299.95", "299.95"), &[]);
    held.seq = 2;
    held.cause = Cause::new(CauseKind::ContactsHold, "pur_1");
    held.description = "857 contacts: \"Neighbours\"".to_owned();
    held.occurred_at = at("2026-11-30T23:50:00Z");
    held.recorded_at = at("2026-12-01T00:05:00Z");
    held.lots = vec![Part { source: "ord_1".to_owned(), ..part(1, LotKind::Purchase, "-299.95", None) }];
    held.previous_hash = Hash([7; 32]);
    assert_eq!(held.canonical(), CANONICAL);
    held.hash = held.computed_hash();
    assert_eq!(held.hash.to_string(), HASH);
    let shown = held.to_json();
    assert_eq!((&shown["hash"], &shown["seq"]), (&HASH.into(), &2.into()));
    assert_eq!(shown["previousHash"], "07".repeat(32));
}

#[test]
fn kinds_are_written_the_same_everywhere() {
    for kind in EntryKind::ALL {
        assert_eq!(EntryKind::parse(kind.as_str()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
    assert_eq!(EntryKind::parse("payment"), None);
    for kind in [
        CauseKind::CheckoutSession,
        CauseKind::PrintSettle,
        CauseKind::RefundHold,
        CauseKind::RefundRelease,
        CauseKind::Unfrozen,
    ] {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}

#[test]
fn credits_that_ran_out_are_not_available_and_the_next_to_run_out_is_known() {
    let mut account = Account::empty(OrganizationId::parse("org_a").unwrap());
    assert_eq!(account.next_expiry(), None);
    let lot = |seq, expires_at: Option<&str>| Lot {
        seq,
        last_seq: seq,
        kind: LotKind::Promotional,
        source: "s".to_owned(),
        remaining: money("5"),
        expires_at: expires_at.map(at),
    };
    account.lots =
        vec![lot(1, Some("2026-11-23T00:00:00Z")), lot(2, Some("2026-11-22T09:00:00Z")), lot(3, None)];
    assert_eq!(account.next_expiry(), Some(at("2026-11-22T09:00:00Z")));
    let available = |time: &str| account.available_at(at(time)).unwrap().to_string();
    assert_eq!(available("2026-11-22T08:59:59Z"), "15.00");
    assert_eq!(available("2026-11-22T09:00:00Z"), "10.00");
    assert_eq!(available("2026-12-22T09:00:00Z"), "5.00");
}

#[test]
fn a_lot_names_its_last_grant_only_where_lots_were_merged_and_older_items_are_read_too() {
    let lot = |last_seq| Lot {
        seq: 3,
        last_seq,
        kind: LotKind::Purchase,
        source: "s".to_owned(),
        remaining: money("5"),
        expires_at: None,
    };
    let short = serde_json::json!({"seq": 3, "kind": "purchase", "source": "s", "remaining": "5.00"});
    assert_eq!(serde_json::to_value(lot(3)).unwrap(), short);
    assert_eq!(serde_json::from_value::<Lot>(short.clone()).unwrap(), lot(3));
    for last_seq in [3, 9] {
        let mut long = short.clone();
        long["lastSeq"] = last_seq.into();
        assert_eq!(serde_json::from_value::<Lot>(long).unwrap(), lot(last_seq));
    }
    assert_eq!(serde_json::to_value(lot(9)).unwrap()["lastSeq"], 9);
}

#[test]
fn parts_burn_soonest_expiry_first_then_free_then_oldest() {
    let mut parts = [
        part(1, LotKind::Purchase, "1", None),
        part(2, LotKind::Promotional, "1", Some("2026-12-01T00:00:00Z")),
        part(3, LotKind::Promotional, "1", Some("2026-11-30T00:00:00Z")),
        part(5, LotKind::Promotional, "1", None),
        part(4, LotKind::Promotional, "1", None),
    ];
    parts.sort_by_key(Part::burn_order);
    assert_eq!(parts.iter().map(|part| part.lot).collect::<Vec<_>>(), [3, 2, 4, 5, 1]);
}

#[test]
fn a_command_names_the_hold_that_it_ends_and_a_decision_the_hold_that_it_touches() {
    let id = HoldId::parse("h1").unwrap();
    let amount = PositiveMoney::new(money("4")).unwrap();
    let hold = Command::Hold { id: id.clone(), purpose: Purpose::Refund, amount };
    let settle = Command::Settle { hold: id.clone(), charge: money("4") };
    assert_eq!((hold.ends_hold(), settle.ends_hold()), (None, Some(&id)));
    let of_grant = GrantRef { seq: 1, kind: GrantKind::Purchase };
    let set_aside = Command::HoldOfGrant { id: id.clone(), amount, grant: of_grant };
    let refund = Command::SettleRefund { hold: id.clone(), amount, grant_seq: 1 };
    assert_eq!((set_aside.ends_hold(), refund.ends_hold()), (None, Some(&id)));
    let grant =
        Command::Grant { kind: GrantKind::Purchase, amount, source: "s".to_owned(), expires_at: None };
    let movement = |command| Movement {
        organization: OrganizationId::parse("org_a").unwrap(),
        cause: Cause::new(CauseKind::Adjustment, "c"),
        fingerprint: Fingerprint::of(&["c"]),
        actor: Actor::system("test"),
        occurred_at: None,
        description: "test".to_owned(),
        command,
    };
    let context = Context { now: at("2026-11-22T08:00:00Z") };
    let empty = Account::empty(OrganizationId::parse("org_a").unwrap());
    let granted = decide(&empty, None, &movement(grant), context).unwrap();
    assert_eq!(granted.hold_id(), None);
    let held = decide(&granted.account, None, &movement(hold), context).unwrap();
    assert_eq!(held.hold_id(), Some(id));
}

#[test]
fn a_month_that_gains_nothing_is_not_written() {
    assert!(MonthDelta::default().is_empty());
    assert!(!MonthDelta { taken: money("0.01"), ..MonthDelta::default() }.is_empty());
}

#[test]
fn a_replay_is_told_from_a_receipt() {
    let receipt = Receipt {
        organization: OrganizationId::parse("org_a").unwrap(),
        seq: 1,
        kind: EntryKind::Purchase,
        amount: money("1"),
        available_after: money("1"),
        held_after: Money::ZERO,
        hold: None,
        recorded_at: at("2026-11-22T08:00:00Z"),
        answer: None,
    };
    assert!(!Posted::Receipt(receipt.clone()).is_replay());
    assert!(Posted::Replay(receipt).is_replay());
}

#[test]
fn every_entry_is_booked_on_the_right_accounts_and_sums_to_zero() {
    use LedgerAccount::{
        Adjustments, CustomerCreditsFree, CustomerCreditsPaid, Deficit, Held, Promotions, RefundsPayable,
        Revenue, StripeClearing, SubscriptionRevenue, VendorCost, VendorPayable,
    };
    let booked = |entry: &Entry, record| {
        let lines = postings(entry, record).unwrap();
        let sum = Money::sum(lines.iter().map(|line| line.amount)).unwrap();
        assert!(sum.is_zero(), "{:?} sums to {sum}", entry.kind);
        lines.iter().map(|line| (format!("{:?}", line.account), line.amount.to_string())).collect()
    };
    let expected = |lines: &[(LedgerAccount, &str)]| -> BTreeMap<String, String> {
        lines.iter().map(|(account, amount)| (format!("{account:?}"), (*amount).to_owned())).collect()
    };
    let check = |entry: &Entry, record, lines: &[(LedgerAccount, &str)]| {
        let booked: BTreeMap<String, String> = booked(entry, record);
        assert_eq!(booked, expected(lines), "{:?}", entry.kind);
    };
    let [bought, held, charged, refunded, _] = story().try_into().unwrap();
    check(&bought, PostingRecord::None, &[(CustomerCreditsPaid, "-10.00"), (StripeClearing, "10.00")]);
    check(&held, PostingRecord::None, &[(CustomerCreditsPaid, "4.00"), (Held, "-4.00")]);
    let vendor = Vendor::DataAxle;
    check(
        &charged,
        PostingRecord::Vendor { vendor, cost: money("2") },
        &[
            (CustomerCreditsPaid, "-1.00"),
            (Held, "4.00"),
            (Revenue(vendor), "-3.00"),
            (VendorCost(vendor), "2.00"),
            (VendorPayable(vendor), "-2.00"),
        ],
    );
    check(&refunded, PostingRecord::None, &[(CustomerCreditsPaid, "7.00"), (RefundsPayable, "-7.00")]);
    // Free credits, paid and free together, and a reversal of more than is left.
    let mut free = entry(EntryKind::Promotional, "5", ("0", "0"), ("5", "0"), &[]);
    free.lots = vec![part(1, LotKind::Promotional, "5", None)];
    check(&free, PostingRecord::None, &[(CustomerCreditsFree, "-5.00"), (Promotions, "5.00")]);
    let mut mixed = entry(EntryKind::Hold, "-4", ("10", "0"), ("-4", "4"), &[]);
    mixed.lots = vec![part(1, LotKind::Promotional, "-3", None), part(2, LotKind::Purchase, "-1", None)];
    check(
        &mixed,
        PostingRecord::None,
        &[(CustomerCreditsFree, "3.00"), (CustomerCreditsPaid, "1.00"), (Held, "-4.00")],
    );
    let beyond = entry(EntryKind::Refund, "-7", ("5", "0"), ("-7", "0"), &["-5"]);
    let lines = [(CustomerCreditsPaid, "5.00"), (Deficit, "2.00"), (RefundsPayable, "-7.00")];
    check(&beyond, PostingRecord::None, &lines);
    // A refund that ends a hold takes from what is held, not from the lots; its rest returns to them.
    let from_hold = entry(EntryKind::Refund, "-3", ("6", "4"), ("1", "-4"), &["-3", "1"]);
    let lines = [(CustomerCreditsPaid, "-1.00"), (Held, "4.00"), (RefundsPayable, "-3.00")];
    check(&from_hold, PostingRecord::None, &lines);
    let from_hold_in_debt = entry(EntryKind::Refund, "-3", ("-2", "4"), ("1", "-4"), &["-3"]);
    let lines = [(Deficit, "-1.00"), (Held, "4.00"), (RefundsPayable, "-3.00")];
    check(&from_hold_in_debt, PostingRecord::None, &lines);
    let withdrawn = entry(EntryKind::Adjustment, "-4", ("10", "0"), ("-4", "0"), &["-4"]);
    let lines = [(CustomerCreditsPaid, "4.00"), (Adjustments, "-4.00")];
    check(&withdrawn, PostingRecord::None, &lines);
    let mut renewal = entry(EntryKind::Subscription, "99", ("0", "0"), ("99", "0"), &[]);
    renewal.lots = vec![part(1, LotKind::Subscription, "99", None)];
    check(
        &renewal,
        PostingRecord::Subscription { paid: money("499") },
        &[(CustomerCreditsFree, "-99.00"), (StripeClearing, "499.00"), (SubscriptionRevenue, "-400.00")],
    );
}

#[test]
fn totals_that_were_stored_before_corrections_stood_apart_are_read_and_none_is_negative() {
    let read = |granted: &str, more: &str| -> Totals {
        let stored = format!(r#"{{"purchased":"100.00","granted":"{granted}","spent":"7.00"{more}}}"#);
        serde_json::from_str(&stored).unwrap()
    };
    let expected = |granted, corrected| Totals {
        purchased: money("100"),
        granted: money(granted),
        corrected: money(corrected),
        spent: money("7"),
    };
    assert_eq!(read("-4.50", ""), expected("0", "4.50"));
    assert_eq!(read("25.50", ""), expected("25.50", "0"), "what was mixed stays mixed");
    assert_eq!(read("25.50", r#","corrected":"30.00""#), expected("25.50", "30"));
    let written = serde_json::to_value(expected("25.50", "0")).unwrap();
    assert_eq!(written, serde_json::json!({"purchased": "100.00", "granted": "25.50", "spent": "7.00"}));
}
