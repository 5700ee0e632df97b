//! The vendors' own books beside ours, once all has ended: what Stripe was paid, what Data Axle delivered, what
//! PostGrid printed.

use crate::answers;
use crate::core::Core;
use crate::system::{RENEWAL_GRANT_MAX, System};
use money::Money;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::records::{Records, money};
use terms::{CampaignId, PieceId};

/// Checks all three.
pub fn check(core: &Core, system: &System, records: &Records) {
    check_payments(core, system, records);
    check_lists(core, system, records);
    check_contacts(core, system, records);
    check_cards(core, system, records);
}

/// A payment at Stripe: whose credits it must have become, and how many.
struct Due {
    kind: &'static str,
    id: String,
    organization: String,
    amount: Money,
}

/// Each payment at Stripe is credited exactly once, to whoever paid, as many credits as it is worth, and nothing
/// else is.
fn check_payments(core: &Core, system: &System, records: &Records) {
    let due = due_credits(system, records);
    for Due { kind, id, organization, amount } in &due {
        let Some(entry) = records.entry_of(kind, id) else {
            core.broken(format!("{id}: {amount} is due to {organization}, and nothing is credited"));
            continue;
        };
        let credited = (entry["pk"].as_str().unwrap_or_default(), money(&entry["amount"]));
        if credited != (format!("ORG#{organization}").as_str(), *amount) {
            core.broken(format!("{id}: {amount} is due to {organization}, {credited:?} is credited"));
        }
    }
    let of = |kind: &str| records.entries().filter(|entry| entry["kind"] == kind).count();
    let paid = |kind: &str| due.iter().filter(|due| due.kind == kind).count();
    let (credited, paid) =
        ((of("purchase"), of("subscription")), (paid("checkout-session"), paid("invoice")));
    if credited != paid {
        core.broken(format!("{paid:?} sessions and invoices were paid, {credited:?} credited"));
    }
}

fn due_credits(system: &System, records: &Records) -> Vec<Due> {
    let world = system.vendors.world();
    let (mut sessions, mut invoices) = (BTreeMap::new(), BTreeMap::new());
    for event in world.stripe.all_events() {
        let object = &event["data"]["object"];
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        match event["type"].as_str().unwrap_or_default() {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded"
                if object["payment_status"] == "paid" =>
            {
                sessions.insert(id, object);
            }
            "invoice.paid" if object["amount_paid"].as_i64() > Some(0) && grants(object) => {
                invoices.insert(id, object);
            }
            _ => {}
        }
    }
    let cents = |value: &Value| Money::from_cents(value.as_i64().unwrap_or(0)).expect("in range");
    let mut due: Vec<Due> = sessions
        .into_iter()
        .map(|(id, session)| Due {
            kind: "checkout-session",
            id,
            organization: session["metadata"]["organization_id"].as_str().unwrap_or_default().to_owned(),
            amount: cents(&session["amount_total"]),
        })
        .collect();
    let paid_at = |invoice: &Value| invoice["status_transitions"]["paid_at"].as_i64().unwrap_or(i64::MAX);
    let mut first: BTreeMap<String, (i64, String)> = BTreeMap::new();
    for (id, invoice) in &invoices {
        // of two that were paid within one second the one that was granted as the first is the first
        let paid = paid_at(invoice);
        let granted = records.kind("SUBSCRIPTION#").any(|record| record["invoice"] == *id.as_str());
        let earliest = first.entry(subscription(invoice)).or_insert_with(|| (paid, id.clone()));
        if paid < earliest.0 || (paid == earliest.0 && granted) {
            *earliest = (paid, id.clone());
        }
    }
    let cap = Money::parse(RENEWAL_GRANT_MAX).expect("the plan's cap");
    due.extend(invoices.into_iter().map(|(id, invoice)| {
        let is_first = first.get(&subscription(invoice)).is_some_and(|(_, first)| *first == id);
        let paid = cents(&invoice["amount_paid"]);
        let customer = invoice["customer"].as_str().unwrap_or_default();
        Due {
            kind: "invoice",
            id,
            organization: customer.trim_start_matches("cus_before_").to_owned(),
            amount: if is_first { paid } else { paid.min(cap) },
        }
    }));
    due
}

fn grants(invoice: &Value) -> bool {
    matches!(invoice["billing_reason"].as_str(), Some("subscription_create" | "subscription_cycle"))
}

fn subscription(invoice: &Value) -> String {
    let named = &invoice["parent"]["subscription_details"]["subscription"];
    named.as_str().or(invoice["subscription"].as_str()).expect("a subscription").to_owned()
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

/// What arrived of Data Axle's contacts is what our purchases count as their cost; less only where a worker was
/// lost with a page in its hands, which makes a call doubtful.
fn check_contacts(core: &Core, system: &System, records: &Records) {
    let seen = system.vendors.contacts_seen();
    let (mut tracked, mut doubtful) = (0, 0);
    for purchase in records.kind("PURCHASE#").filter(|purchase| purchase["environment"] != "test") {
        let count = |name: &str| purchase["progress"][name].as_u64().unwrap_or(0);
        tracked += count("vendorDelivered");
        doubtful += count("doubtfulCalls");
    }
    if tracked > seen || (tracked < seen && doubtful == 0) {
        core.broken(format!("{seen} contacts arrived, {tracked} are tracked, {doubtful} calls are in doubt"));
    }
}

/// Cards at the printer: at most one per piece, one for each piece that is charged, none for what was refused or
/// never sent. Only a piece of which nobody can know may go either way.
fn check_cards(core: &Core, system: &System, records: &Records) {
    let printed = printed(core, system);
    let ended = ended(system, records);
    for (piece, outcomes) in &ended {
        let any = |letters: &[char]| outcomes.iter().any(|outcome| outcome.starts_with(letters));
        let sound = match printed.contains(piece) {
            // given up: printed or not, nothing is charged, and finance is shown it
            true => any(&['a', 'x', 'f']),
            false => !any(&['a']),
        };
        if !sound || outcomes.iter().any(|outcome| outcome.starts_with(['u', 'q'])) {
            core.broken(format!("piece {piece} ended as {outcomes:?}, card: {}", printed.contains(piece)));
        }
    }
    let strangers: Vec<&String> = printed.iter().filter(|piece| !ended.contains_key(*piece)).collect();
    if !strangers.is_empty() {
        core.broken(format!("the printer has cards that belong to no piece: {strangers:?}"));
    }
}

/// How each piece of live jobs ended. A piece belongs to its campaign: it may have been in an earlier job, which
/// then sent nothing.
fn ended(system: &System, records: &Records) -> BTreeMap<String, Vec<String>> {
    let mut ended: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for batch in records.kind("BATCH#") {
        let job = records.kind("JOB#").find(|job| job["printJobId"] == batch["printJobId"]);
        let Some(job) = job.filter(|job| job["environment"] == "live") else { continue };
        let text = |name: &str| job[name].as_str().unwrap_or_default();
        let place = |name: &str| usize::try_from(batch[name].as_u64().unwrap_or(0)).unwrap_or(0);
        let campaign = CampaignId::parse(text("campaignId")).expect("a campaign's id");
        let persons = answers::persons(system, text("organizationId"), text("recipientListId"));
        let outcomes = batch["outcomes"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (person, outcome) in persons[place("from")..place("to")].iter().zip(outcomes) {
            let piece = PieceId::derive(&[campaign.as_str(), person]).to_string();
            ended.entry(piece).or_default().push(outcome.as_str().unwrap_or_default().to_owned());
        }
    }
    ended
}

/// The pieces that have a card of the live key.
fn printed(core: &Core, system: &System) -> BTreeSet<String> {
    let world = system.vendors.world();
    for live in [true, false] {
        let most = world.postgrid.counters(live)["cardsPerPieceMax"].as_u64().unwrap_or(0);
        if most > 1 {
            core.broken(format!("a piece was printed {most} times (live: {live})"));
        }
    }
    let cards = world.postgrid.cards(core.vendor_ms(), None);
    let cards = cards["cards"].as_array().map(Vec::as_slice).unwrap_or_default();
    let live = cards.iter().filter(|card| card["live"] == true);
    live.map(|card| card["metadata"]["piece"].as_str().unwrap_or_default().to_owned()).collect()
}
