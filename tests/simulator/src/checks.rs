//! The invariants: cheap ones after every step on the accounts that it touched, all of them at the end.

use crate::core::Core;
use crate::people::{ORGANIZATIONS, People};
use crate::system::System;
use crate::{alert_checks, fraud_checks, money_checks, vendors_books};
use money::Money;
use std::collections::BTreeMap;
use support::records::{Records, money, plain};
use support::{assert_books_balance, assert_months_are_their_records, assert_records_of_agree};
use terms::Timestamp;

/// How far an account was checked.
#[derive(Debug, Default, Clone)]
struct Seen {
    seq: u64,
    available: Money,
    held: Money,
    hash: String,
}

#[derive(Debug, Default)]
pub struct Checks {
    seen: BTreeMap<&'static str, Seen>,
    /// The highest monthly cap of auto top-up that was in force or asked for, by organization and month.
    caps: BTreeMap<(String, String), Money>,
    /// The month whose caps at its begin are known.
    month: String,
}

impl Checks {
    /// Checks every account that has moved since the last time, and then the records beside the books.
    pub fn touched(&mut self, core: &Core, system: &System) {
        for organization in ORGANIZATIONS {
            let seen = self.seen.entry(organization).or_default();
            let before = seen.seq;
            if let Err(what) = check_account(system, organization, seen) {
                core.broken(format!("{organization}: {what}"));
            }
            if seen.seq != before {
                assert_records_of_agree(&system.dynamo, organization);
            }
        }
        self.keep_caps(core, system);
    }

    fn keep_caps(&mut self, core: &Core, system: &System) {
        let month = month_of(core.now());
        if self.month == month {
            return;
        }
        self.month = month;
        for organization in ORGANIZATIONS {
            let top_up = system.dynamo.item("work", &format!("ORG#{organization}"), "AUTO-TOP-UP");
            if let Some(top_up) = top_up.map(|item| plain(&item)) {
                self.cap_asked(organization, core, money(&top_up["settings"]["monthlyCap"]));
            }
        }
    }

    /// An owner asks for a cap; from now on it may be in force, should the month end while it is set as well.
    pub fn cap_asked(&mut self, organization: &str, core: &Core, cap: Money) {
        for at in [core.now(), core.now().plus_seconds(60)] {
            let known = self.caps.entry((organization.to_owned(), month_of(at))).or_default();
            *known = cap.max(*known);
        }
    }

    #[must_use]
    pub fn cap_of(&self, organization: &str, month: &str) -> Money {
        self.caps.get(&(organization.to_owned(), month.to_owned())).copied().unwrap_or(Money::ZERO)
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

    pub async fn everything(&self, core: &Core, system: &System, people: &People) {
        assert_books_balance(&system.dynamo, &system.ledger).await;
        assert_months_are_their_records(&system.dynamo);
        let records = Records::of(&system.dynamo);
        for ((pk, sk), item) in &records.ledger {
            if sk.starts_with("HOLD#") && item["status"] == "open" && !fraud_checks::is_of_warning(item) {
                core.broken(format!("{pk} {sk} is open, and everything has ended"));
            }
        }
        vendors_books::check(core, system, &records);
        money_checks::check(core, system, &records, self, people);
        alert_checks::check(core, system, &records);
    }
}

fn month_of(at: Timestamp) -> String {
    at.to_string()[..7].to_owned()
}

/// What has not ended, and when a clock must look again.
#[derive(Debug, Default)]
pub struct Open {
    pub money: Vec<String>,
    pub next_ms: Option<i64>,
}

#[must_use]
pub fn open(system: &System, now_ms: i64) -> Open {
    let mut open = Open { next_ms: system.queues.next_visible_ms(), ..Open::default() };
    for table in ["work", "ledger"] {
        for item in system.dynamo.dump(table) {
            let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
            let (pk, sk) = (text("pk"), text("sk"));
            let due = text("dueAt").split('#').next().and_then(|at| Timestamp::parse(at).ok());
            let due = due.map(Timestamp::as_ms);
            let under_way = match sk.split('#').next().unwrap_or_default() {
                "ORDER" => matches!(text("status"), "pending" | "processing"),
                "AUTO-TOP-UP" => item["inFlight"].is_object(),
                "ALERT" => !item["sentAt"].is_object(),
                "EVENT" => item["lookAt"]["S"].is_string(),
                _ => pk == "REFUND-REQUESTS" && text("status") == "approved",
            };
            if under_way || due.is_some_and(|at| at <= now_ms) {
                open.money.push(format!("{pk} {sk}"));
            }
            if table == "work" {
                let next = due.into_iter().chain(open.next_ms).filter(|at| *at > now_ms).min();
                open.next_ms = next;
            }
        }
    }
    open
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
        let before = seen.available;
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
        let taken = matches!(entry["kind"].as_str(), Some("refund" | "dispute"));
        if seen.available.is_negative() && seen.available < before && !taken {
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
