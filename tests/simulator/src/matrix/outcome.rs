//! What stands at the end of a scenario, without ids and times.

use crate::simulation::Simulation;
use serde_json::Value;
use std::collections::BTreeMap;
use support::records::Records;

#[derive(Debug, PartialEq, Eq)]
pub struct Outcome(BTreeMap<String, u32>);

impl Outcome {
    pub fn of(sim: &Simulation) -> Self {
        let records = Records::of(&sim.system.dynamo);
        let mut lines: BTreeMap<String, u32> = BTreeMap::new();
        let mut line = |text: String| *lines.entry(text).or_default() += 1;
        let shown = |record: &Value, names: &[&str]| {
            let fields = names.iter().map(|name| format!("{name} {}", record[*name]));
            fields.collect::<Vec<_>>().join(", ")
        };
        for entry in records.entries() {
            line(format!("entry: {}", shown(entry, &["kind", "amount"])));
        }
        for ((_, sk), item) in &records.ledger {
            if sk == "ACCOUNT" {
                let frozen = item["frozen"].as_object().map_or(0, serde_json::Map::len);
                let names = ["held", "deficit", "totals", "watch"];
                line(format!("account: {}, frozen by {frozen}", shown(item, &names)));
            }
        }
        for ((pk, sk), item) in &records.work {
            match sk.split('#').next().unwrap_or_default() {
                _ if pk == "REFUND-REQUESTS" => {
                    line(format!("refund request: {}", shown(item, &["amount", "status"])));
                }
                // what an alert says, without its ids and times
                "ALERT" => {
                    line(format!("alert: {}", shown(&item["told"], &["kind", "level", "amount", "reason"])));
                }
                "AUTO-TOP-UP" => {
                    let names = ["settings", "inFlight", "charged", "declines", "paused"];
                    line(format!("auto top-up: {}", shown(item, &names)));
                }
                "STANDING" => line(format!("standing: {}", shown(item, &["status", "pastDue"]))),
                "INVOICE" => {
                    let names = ["paid", "granted", "first", "whyNothing"];
                    let taken = &item["reversals"]["posted"];
                    line(format!("invoice: {}, taken {taken}", shown(item, &names)));
                }
                _ => {}
            }
        }
        const ENDS: [&str; 9] = [
            "status",
            "environment",
            "held",
            "charged",
            "released",
            "pieces",
            "accepted",
            "refused",
            "unknown",
        ];
        for (prefix, names) in [
            ("ORDER#", &["status", "amount", "paidBy", "failure"][..]),
            ("PURCHASE#", &["status", "requested", "held", "charged", "released"][..]),
            ("LIST#", &["contacts"][..]),
            ("CAMPAIGN#", &["pieces"][..]),
            ("JOB#", &ENDS[..]),
            ("OBJECT#", &["reason"][..]),
            ("REPORT#", &["month"][..]),
        ] {
            for record in records.kind(prefix) {
                line(format!("{prefix} {}", shown(record, names)));
            }
        }
        let cards = sim.system.vendors.world().postgrid.counters(true)["cardsCreated"].clone();
        line(format!("cards at the vendor: {cards}"));
        Self(lines)
    }

    /// How this differs from another, in words; `None` when it does not.
    pub fn differs_from(&self, other: &Self) -> Option<String> {
        let texts: std::collections::BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let count = |of: &Self, text: &String| of.0.get(text).copied().unwrap_or(0);
        let differences: Vec<String> = texts
            .into_iter()
            .filter(|text| count(self, text) != count(other, text))
            .map(|text| format!("{} × {text} (without a fault {} ×)", count(self, text), count(other, text)))
            .collect();
        (!differences.is_empty()).then(|| differences.join("; "))
    }
}
