//! The invariants of the books, checked on everything that is stored.

use crate::Dynamo;
use ledger::{
    Account, Entry, EntryKind, Hold, HoldStatus, Ledger, LedgerAccount, PostingRecord, Totals, postings,
    verify,
};
use money::Money;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use terms::{HoldId, Month, OrganizationId};

/// Panics with the broken invariant's sentence, if one is broken.
pub async fn assert_books_balance(dynamo: &Dynamo, ledger: &Ledger) {
    let items = dynamo.dump("ledger");
    let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    let mut organizations = BTreeSet::new();
    let mut holds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in &items {
        let (pk, sk) = (text(item, "pk"), text(item, "sk"));
        let Some(organization) = pk.strip_prefix("ORG#") else { continue };
        organizations.insert(organization.to_owned());
        if let Some(id) = sk.strip_prefix("HOLD#") {
            holds.entry(organization.to_owned()).or_default().push(id.to_owned());
        }
    }
    let mut spent_by_month: BTreeMap<(String, Month), Money> = BTreeMap::new();
    for organization in organizations {
        let ids = holds.remove(&organization).unwrap_or_default();
        let organization = OrganizationId::parse(&organization).expect("an organization id");
        assert_account(ledger, &organization, &ids, &mut spent_by_month).await;
    }
    assert_months(ledger, &spent_by_month).await;
    crate::assert_records_agree(dynamo);
}

async fn assert_account(
    ledger: &Ledger,
    organization: &OrganizationId,
    hold_ids: &[String],
    spent_by_month: &mut BTreeMap<(String, Month), Money>,
) {
    let account = ledger.account(organization).await.expect("an account");
    let entries = ledger.statement(organization).await.expect("a statement");
    verify(&entries, account.head).unwrap_or_else(|fault| panic!("{organization}: {fault}"));
    let Some(last) = entries.last() else {
        let watches_only = account.seq == 0 && account.lots.is_empty() && hold_ids.is_empty();
        return assert!(watches_only, "{organization}: before its first entry an account holds levels alone");
    };
    assert_eq!(account.seq, last.seq, "{organization}: the account stands at its last entry");
    assert_eq!(account.available().expect("in range"), last.available_after, "{organization}: available");
    assert_eq!(account.held, last.held_after, "{organization}: held");
    assert!(
        account.deficit.is_zero() || account.lots.is_empty(),
        "{organization}: a deficit stands only while there is no lot"
    );
    if account.available().expect("in range").is_negative() {
        let taken = entries.iter().any(|entry| matches!(entry.kind, EntryKind::Refund | EntryKind::Dispute));
        assert!(taken, "{organization}: available falls below zero only by refunds and disputes");
    }
    let mut open = Money::ZERO;
    for id in hold_ids {
        let id = HoldId::parse(id).expect("a hold id");
        let hold = ledger.hold(organization, &id).await.expect("a hold").expect("it stands");
        assert_hold(&hold, &entries);
        if hold.status == HoldStatus::Open {
            open = open.plus(hold.amount).expect("in range");
        }
    }
    assert_eq!(account.held, open, "{organization}: held is the sum of the open holds");
    assert_totals(&account, &entries);
    assert_postings(organization, &entries);
    for entry in &entries {
        if entry.kind == EntryKind::Charge {
            let key = (organization.to_string(), Month::of(entry.recorded_at));
            let sum = spent_by_month.entry(key).or_insert(Money::ZERO);
            *sum = sum.minus(entry.amount).expect("in range");
        }
    }
}

/// The account's sums over its life are those of its entries, and none is below zero.
fn assert_totals(account: &Account, entries: &[Entry]) {
    let mut sums = Totals::default();
    for Entry { kind, amount, .. } in entries {
        let (sum, more) = match kind {
            EntryKind::Purchase | EntryKind::TopUp | EntryKind::Opening => (&mut sums.purchased, *amount),
            EntryKind::Adjustment if amount.is_negative() => (&mut sums.corrected, amount.negated()),
            EntryKind::Subscription | EntryKind::Promotional | EntryKind::Adjustment => {
                (&mut sums.granted, *amount)
            }
            EntryKind::Charge | EntryKind::CreditBack => (&mut sums.spent, amount.negated()),
            _ => continue,
        };
        *sum = sum.plus(more).expect("in range");
    }
    assert_eq!(account.totals, sums, "{}: totals are sums of the entries", account.organization);
    let all = [sums.purchased, sums.granted, sums.corrected, sums.spent];
    assert!(all.iter().all(|sum| !sum.is_negative()), "{}: {sums:?}", account.organization);
}

fn assert_hold(hold: &Hold, entries: &[Entry]) {
    let parts = Money::sum(hold.parts.iter().map(|part| part.amount)).expect("in range");
    assert_eq!(parts, hold.amount, "{}: a hold is the sum of its parts", hold.id);
    let names_it = |entry: &&Entry| match entry.kind {
        EntryKind::Charge | EntryKind::Release => entry.reverses == Some(hold.opened_seq),
        // A refund that ends a hold names the grant that it reverses; the hold names the refund.
        EntryKind::Refund => entry.held_after < entry.held_before && hold.ended_seq == Some(entry.seq),
        _ => false,
    };
    let ends: Vec<&Entry> = entries.iter().filter(names_it).collect();
    let expected = usize::from(hold.status != HoldStatus::Open);
    assert_eq!(ends.len(), expected, "{}: a hold ends once", hold.id);
    for end in ends {
        assert_eq!(hold.ended_seq, Some(end.seq), "{}: a hold knows its end", hold.id);
        let left = end.held_before.minus(end.held_after).expect("in range");
        assert_eq!(left, hold.amount, "{}: all of a hold ends", hold.id);
    }
}

/// Double entry: each entry sums to zero, and the customers' accounts of the chart are what the lots say.
fn assert_postings(organization: &OrganizationId, entries: &[Entry]) {
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    for entry in entries {
        let lines = postings(entry, PostingRecord::None).expect("in range");
        let sum = Money::sum(lines.iter().map(|line| line.amount)).expect("in range");
        assert!(sum.is_zero(), "{organization}: the postings of entry {} sum to {sum}", entry.seq);
        for line in lines {
            let total = sums.entry(format!("{:?}", line.account)).or_insert(Money::ZERO);
            *total = total.plus(line.amount).expect("in range");
        }
    }
    let of = |account: LedgerAccount| sums.get(&format!("{account:?}")).copied().unwrap_or(Money::ZERO);
    let last = entries.last().expect("an entry");
    let liabilities = Money::sum([
        of(LedgerAccount::CustomerCreditsPaid),
        of(LedgerAccount::CustomerCreditsFree),
        of(LedgerAccount::Deficit),
    ]);
    assert_eq!(
        liabilities.expect("in range").negated(),
        last.available_after,
        "{organization}: what customers may spend is our liability"
    );
    assert_eq!(of(LedgerAccount::Held).negated(), last.held_after, "{organization}: what is held is owed");
}

async fn assert_months(ledger: &Ledger, spent: &BTreeMap<(String, Month), Money>) {
    let months: BTreeSet<Month> = spent.keys().map(|(_, month)| *month).collect();
    for month in months {
        let rows = ledger.month(month).await.expect("a month");
        for row in rows {
            let key = (row.organization.to_string(), month);
            let entries = spent.get(&key).copied().unwrap_or(Money::ZERO);
            assert_eq!(
                row.spent, entries,
                "{} {month}: the roll-up is the sum of the entries",
                row.organization
            );
            let vendors = row.data_axle.charge.plus(row.postgrid.charge).expect("in range");
            assert!(vendors <= row.spent, "{} {month}: no vendor charge without an entry", row.organization);
        }
    }
}
