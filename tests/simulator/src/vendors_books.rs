//! The books of Data Axle and PostGrid beside ours, once all has ended: what was delivered, and what was printed.

use crate::answers;
use crate::core::Core;
use crate::system::System;
use std::collections::{BTreeMap, BTreeSet};
use support::records::Records;
use terms::{CampaignId, PieceId};

pub fn check(core: &Core, system: &System, records: &Records) {
    check_lists(core, system, records);
    check_contacts(core, system, records);
    check_cards(core, system, records);
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
