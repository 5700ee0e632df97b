//! The invariants: cheap ones after every step on the accounts that it touched, all of them at the end.

use crate::core::Core;
use crate::people::ORGANIZATIONS;
use crate::system::System;
use crate::vendors_books;
use money::Money;
use std::collections::BTreeMap;
use support::records::{Records, money, plain};
use support::{assert_books_balance, assert_months_are_their_records, assert_records_agree};
use terms::Timestamp;

/// How far an account was checked.
#[derive(Debug, Default, Clone)]
struct Seen {
    seq: u64,
    available: Money,
    held: Money,
    hash: String,
}

/// What was checked so far.
#[derive(Debug, Default)]
pub struct Checks {
    seen: BTreeMap<&'static str, Seen>,
}

impl Checks {
    /// Checks every account that has moved since the last time, and then the records beside the books.
    pub fn touched(&mut self, core: &Core, system: &System) {
        let mut moved = false;
        for organization in ORGANIZATIONS {
            let seen = self.seen.entry(organization).or_default();
            let before = seen.seq;
            if let Err(what) = check_account(system, organization, seen) {
                core.broken(format!("{organization}: {what}"));
            }
            moved |= seen.seq != before;
        }
        if moved {
            assert_records_agree(&system.dynamo);
        }
    }

    /// Purchases and jobs that have not ended.
    #[must_use]
    pub fn open_work(&self, system: &System) -> Vec<String> {
        let mut open = Vec::new();
        for organization in ORGANIZATIONS {
            let pk = format!("ORG#{organization}");
            for kind in ["PURCHASE#", "JOB#"] {
                let items = system.dynamo.items("work", &pk, (kind, &format!("{kind}~")));
                let items = items.iter().filter(|item| item["finishedAt"].is_null());
                open.extend(items.map(|item| item["sk"]["S"].as_str().unwrap_or_default().to_owned()));
            }
        }
        open
    }

    /// When a clock must look again.
    #[must_use]
    pub fn next_due_ms(&self, system: &System, now_ms: i64) -> Option<i64> {
        let due = system.dynamo.dump("work");
        let due = due.iter().filter_map(|item| item["dueAt"]["S"].as_str());
        let due = due.filter_map(|text| Timestamp::parse(text.split('#').next()?).ok()).map(Timestamp::as_ms);
        due.chain(system.queues.next_visible_ms()).filter(|at| *at > now_ms).min()
    }

    /// Everything, once all has ended.
    pub async fn everything(&self, core: &Core, system: &System) {
        assert_books_balance(&system.dynamo, &system.ledger).await;
        assert_months_are_their_records(&system.dynamo);
        let records = Records::of(&system.dynamo);
        for ((pk, sk), item) in &records.ledger {
            if sk.starts_with("HOLD#") && item["status"] == "open" {
                core.broken(format!("{pk} {sk} is open, and everything has ended"));
            }
        }
        vendors_books::check(core, system, &records);
    }
}

fn check_account(system: &System, organization: &str, seen: &mut Seen) -> Result<(), String> {
    let pk = format!("ORG#{organization}");
    let Some(account) = system.dynamo.item("ledger", &pk, "ACCOUNT").map(|item| plain(&item)) else {
        return Ok(());
    };
    let seq = account["seq"].as_u64().unwrap_or(0);
    if seq == seen.seq {
        return Ok(());
    }
    let range = (format!("ENTRY#{:012}", seen.seq + 1), "ENTRY#~".to_owned());
    for entry in system.dynamo.items("ledger", &pk, (&range.0, &range.1)) {
        let entry = plain(&entry);
        let number = entry["seq"].as_u64().unwrap_or(0);
        if number != seen.seq + 1 {
            return Err(format!("entry {number} follows {}", seen.seq));
        }
        if money(&entry["availableBefore"]) != seen.available || money(&entry["heldBefore"]) != seen.held {
            return Err(format!("entry {number} does not continue the balances before it"));
        }
        let previous = entry["previousHash"].as_str().unwrap_or_default();
        if seen.seq > 0 && previous != seen.hash {
            return Err(format!("entry {number} does not carry the hash before it"));
        }
        *seen = Seen {
            seq: number,
            available: money(&entry["availableAfter"]),
            held: money(&entry["heldAfter"]),
            hash: entry["hash"].as_str().unwrap_or_default().to_owned(),
        };
        if seen.available.is_negative() {
            return Err(format!("available fell below zero at entry {number}"));
        }
    }
    if seen.seq != seq || account["head"].as_str() != Some(&seen.hash) {
        return Err(format!("the account stands at {seq}, its entries at {}", seen.seq));
    }
    let lots = account["lots"].as_array().map(Vec::as_slice).unwrap_or_default();
    let remaining = Money::sum(lots.iter().map(|lot| money(&lot["remaining"]))).expect("in range");
    let available = remaining.minus(money(&account["deficit"])).expect("in range");
    if available != seen.available || money(&account["held"]) != seen.held {
        return Err(format!("the account has {available}, its entries {}", seen.available));
    }
    let holds = system.dynamo.items("ledger", &pk, ("HOLD#", "HOLD#~"));
    let open = holds.iter().map(plain).filter(|hold| hold["status"] == "open");
    let open = Money::sum(open.map(|hold| money(&hold["amount"]))).expect("in range");
    if open != seen.held {
        return Err(format!("{} is held, and the open holds are {open}", seen.held));
    }
    Ok(())
}
