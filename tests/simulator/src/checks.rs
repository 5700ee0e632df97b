//! The invariants: cheap ones after every step on the accounts that it touched, all of them at the end, with
//! the vendors' own books beside ours.

use crate::answers;
use crate::core::Core;
use crate::people::ORGANIZATIONS;
use crate::system::System;
use money::Money;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::records::{Records, money, plain};
use support::{assert_books_balance, assert_months_are_their_records};
use terms::{CampaignId, PieceId, Timestamp};

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
    /// Checks every account that has moved since the last time.
    pub fn touched(&mut self, core: &Core, system: &System) {
        for organization in ORGANIZATIONS {
            let seen = self.seen.entry(organization).or_default();
            if let Err(what) = check_account(system, organization, seen) {
                core.broken(format!("{organization}: {what}"));
            }
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
        check_payments(core, system, &records);
        check_lists(core, system, &records);
        check_cards(core, system, &records);
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

/// Each payment at Stripe is credited exactly once, for its own amount, and nothing else is.
fn check_payments(core: &Core, system: &System, records: &Records) {
    let world = system.vendors.world();
    let mut sessions: BTreeMap<String, i64> = BTreeMap::new();
    let mut invoices: BTreeSet<String> = BTreeSet::new();
    for event in world.stripe.all_events() {
        let object = &event["data"]["object"];
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        match event["type"].as_str().unwrap_or_default() {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded"
                if object["payment_status"] == "paid" =>
            {
                sessions.insert(id, object["amount_total"].as_i64().unwrap_or(0));
            }
            "invoice.paid" if object["amount_paid"].as_i64() > Some(0) && grants(object) => {
                invoices.insert(id);
            }
            _ => {}
        }
    }
    for (session, cents) in &sessions {
        let paid = Money::from_cents(*cents).expect("in range");
        match records.entry_of("checkout-session", session) {
            Some(entry) if money(&entry["amount"]) == paid => {}
            Some(entry) => core.broken(format!("{session}: {paid} was paid, {} credited", entry["amount"])),
            None => core.broken(format!("{session}: {paid} was paid, and nothing is credited")),
        }
    }
    for invoice in &invoices {
        if records.entry_of("invoice", invoice).is_none() {
            core.broken(format!("{invoice} was paid, and nothing is granted"));
        }
    }
    let of = |kind: &str| records.entries().filter(|entry| entry["kind"] == kind).count();
    let (bought, granted) = (of("purchase"), of("subscription"));
    if (bought, granted) != (sessions.len(), invoices.len()) {
        let paid = (sessions.len(), invoices.len());
        core.broken(format!("{paid:?} sessions and invoices were paid, {:?} credited", (bought, granted)));
    }
}

fn grants(invoice: &Value) -> bool {
    matches!(invoice["billing_reason"].as_str(), Some("subscription_create" | "subscription_cycle"))
}

/// A list's pages hold as many distinct persons as were charged.
fn check_lists(core: &Core, system: &System, records: &Records) {
    for list in records.kind("LIST#") {
        let text = |name: &str| list[name].as_str().unwrap_or_default();
        let persons = answers::persons(system, text("organizationId"), text("recipientListId"));
        let distinct: BTreeSet<&String> = persons.iter().collect();
        let counted = usize::try_from(list["contacts"].as_u64().unwrap_or(0)).unwrap_or(0);
        if (distinct.len(), persons.len()) != (counted, counted) {
            core.broken(format!(
                "{}: {counted} contacts are charged, {} rows of {} persons are stored",
                text("recipientListId"),
                persons.len(),
                distinct.len()
            ));
        }
    }
}

/// Cards at the vendor: at most one per piece, and each one charged unless nobody could know of it.
fn check_cards(core: &Core, system: &System, records: &Records) {
    let now = core.vendor_ms();
    let (mut pieces, live) = (BTreeSet::new(), {
        let world = system.vendors.world();
        for live in [true, false] {
            let most = world.postgrid.counters(live)["cardsPerPieceMax"].as_u64().unwrap_or(0);
            if most > 1 {
                core.broken(format!("a piece was printed {most} times (live: {live})"));
            }
        }
        world.postgrid.cards(now, None)
    });
    for card in live["cards"].as_array().map(Vec::as_slice).unwrap_or_default() {
        if card["live"] == true {
            pieces.insert(card["metadata"]["piece"].as_str().unwrap_or_default().to_owned());
        }
    }
    let mut known = 0;
    for job in records.kind("JOB#").filter(|job| job["environment"] == "live") {
        let text = |name: &str| job[name].as_str().unwrap_or_default();
        let count = |name: &str| usize::try_from(job[name].as_u64().unwrap_or(0)).unwrap_or(0);
        let campaign = CampaignId::parse(text("campaignId")).expect("a campaign's id");
        let persons = answers::persons(system, text("organizationId"), text("recipientListId"));
        let ids = persons.iter().take(count("pieces"));
        let ids = ids.map(|person| PieceId::derive(&[campaign.as_str(), person]).to_string());
        let cards = ids.filter(|id| pieces.contains(id)).count();
        if count("notSent") < count("pieces") {
            known += cards;
        }
        let (accepted, unknown) = (count("accepted"), count("unknown"));
        // A campaign may have had an earlier job that sent nothing; only its last one has cards.
        if cards < accepted || (accepted > 0 && cards > accepted + unknown) {
            core.broken(format!(
                "{}: the vendor has {cards} cards, {accepted} are charged, {unknown} unknown",
                text("printJobId")
            ));
        }
    }
    if known != pieces.len() {
        core.broken(format!("the vendor has {} live cards, our jobs know {known}", pieces.len()));
    }
}
