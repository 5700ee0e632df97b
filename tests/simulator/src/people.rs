//! What the people of three organizations, and finance, do: calls of the API drawn by the dice.
//!
//! Owns what they remember (sessions, purchases, campaigns) and what they were answered. Knows no port.

use crate::calls::{Ask, Endpoint};
use crate::core::Core;
use money::Money;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub const ORGANIZATIONS: [&str; 3] = ["org_alder", "org_birch", "org_cedar"];

/// A campaign as its owner remembers it.
#[derive(Debug, Clone)]
pub struct Campaign {
    pub id: String,
    pub list: String,
    pub artwork: &'static str,
    pub uploaded: bool,
}

#[derive(Debug, Default)]
pub struct Owner {
    pub sessions: Vec<String>,
    pub purchases: Vec<String>,
    pub lists: Vec<String>,
    pub campaigns: Vec<Campaign>,
    pub quotes: Vec<(String, Value)>,
    pub subscriptions: Vec<String>,
}

#[derive(Debug, Default)]
pub struct People {
    pub owners: BTreeMap<String, Owner>,
    pub asked: Vec<Ask>,
    /// The first success under a key, with its body.
    pub answered: BTreeMap<(String, Endpoint, String), (String, Value)>,
    pub resolved: Vec<(String, String)>,
    /// Rows of opening balances that finance sent: id and credits.
    pub rows: Vec<(String, String)>,
    /// Disputes that were appealed against: a bank looks into a decision once.
    pub appealed: BTreeSet<String>,
    keys: u64,
}

impl People {
    /// Nobody has done anything.
    #[must_use]
    pub fn new() -> Self {
        let owners = ORGANIZATIONS.iter().map(|name| ((*name).to_owned(), Owner::default())).collect();
        Self { owners, ..Self::default() }
    }

    pub fn owner(&mut self, organization: &str) -> &mut Owner {
        self.owners.entry(organization.to_owned()).or_default()
    }

    /// A call under a key of its own, which may be repeated.
    pub fn ask(
        &mut self,
        organization: &str,
        role: &'static str,
        endpoint: Endpoint,
        id: Option<String>,
        body: String,
    ) -> Ask {
        self.keys += 1;
        let key = Some(format!("key-{}", self.keys));
        let ask = Ask { organization: organization.to_owned(), role, endpoint, key, id, body };
        self.asked.push(ask.clone());
        ask
    }

    pub fn buy_credits(&mut self, core: &Core, organization: &str) -> Ask {
        let amounts =
            ["10", "49.99", "50", "100", "250.50", "500", "500", "1000", "1000", "2500", "9.99", "10000"];
        let save = if core.chance(700) { ",\"saveCard\":true" } else { "" };
        let body = format!("{{\"amount\":{}{save}}}", core.pick(&amounts));
        self.ask(organization, "owner", Endpoint::BuyCredits, None, body)
    }

    pub fn count(&mut self, core: &Core, organization: &str) -> Ask {
        let body = json!({"filters": filters(core), "maxContacts": contacts(core)});
        let (organization, body) = (organization.to_owned(), body.to_string());
        Ask { organization, role: "member", endpoint: Endpoint::Count, key: None, id: None, body }
    }

    /// Buys contacts, with a quote or without.
    pub fn purchase(&mut self, core: &Core, organization: &str) -> Ask {
        let quoted = core.chance(300).then(|| self.owner(organization).quotes.pop()).flatten();
        let mut body = match quoted {
            Some((quote, mut body)) => {
                body["quoteId"] = json!(quote);
                body
            }
            None => json!({"filters": filters(core), "maxContacts": contacts(core)}),
        };
        body["audienceName"] = json!("Neighbours");
        if core.chance(150) {
            body["environment"] = json!("test");
        }
        self.ask(organization, "owner", Endpoint::Purchase, None, body.to_string())
    }

    pub fn campaign(&mut self, core: &Core, organization: &str) -> Option<Ask> {
        let lists = &self.owner(organization).lists;
        let list = (!lists.is_empty()).then(|| core.pick(lists).clone())?;
        let artwork = match *core.pick(&["pdf", "pdf", "html", "html", "pdf-per-recipient"]) {
            "html" => json!({"kind": "html", "front": "<p>Spring</p>", "back": "<p>Sale</p>"}),
            kind => json!({"kind": kind}),
        };
        let body = json!({"name": "Spring", "recipientListId": list, "size": "6x4", "artwork": artwork,
            "maxPieces": core.between(1, *core.pick(&[4, 12, 30, 55]))});
        Some(self.ask(organization, "owner", Endpoint::Campaign, None, body.to_string()))
    }

    pub fn print(&mut self, core: &Core, organization: &str) -> Option<Ask> {
        let campaigns = &self.owner(organization).campaigns;
        let id = (!campaigns.is_empty()).then(|| core.pick(campaigns).id.clone())?;
        let body = if core.chance(200) { "{\"environment\":\"test\"}" } else { "" };
        Some(self.ask(organization, "owner", Endpoint::Print, Some(id), body.to_owned()))
    }

    pub fn look(&mut self, core: &Core, organization: &str) -> Ask {
        let owner = self.owner(organization);
        let (endpoint, id) = match core.below(4) {
            0 if !owner.purchases.is_empty() => {
                (Endpoint::PurchaseStatus, Some(core.pick(&owner.purchases).clone()))
            }
            1 if !owner.campaigns.is_empty() => {
                (Endpoint::PrintStatus, Some(core.pick(&owner.campaigns).id.clone()))
            }
            2 => (Endpoint::Transactions, None),
            _ => (Endpoint::Credits, None),
        };
        let body = if endpoint == Endpoint::Transactions { "limit=20" } else { "" };
        let role = if core.chance(300) { "member" } else { "owner" };
        Ask { organization: organization.to_owned(), role, endpoint, key: None, id, body: body.to_owned() }
    }

    /// Finance looks at the months, or has a report made.
    pub fn finance(&mut self, core: &Core) -> Ask {
        let endpoint = if core.chance(500) { Endpoint::VendorCosts } else { Endpoint::Report };
        let organization = "org_droplab".to_owned();
        Ask { organization, role: "finance", endpoint, key: None, id: None, body: String::new() }
    }

    /// The corrections that finance asked for, with what a repetition asked otherwise: whose, and how much.
    #[must_use]
    pub fn adjustments(&self) -> Vec<(String, Money)> {
        let asked = self.asked.iter().filter(|ask| ask.endpoint == Endpoint::Adjust);
        asked
            .filter_map(|ask| {
                let body: Value = serde_json::from_str(&ask.body).ok()?;
                let organization = body["organizationId"].as_str()?.to_owned();
                Some((organization, Money::parse(body["amount"].as_str()?).ok()?))
            })
            .collect()
    }

    /// Repeats an earlier request, as it was or with another body.
    pub fn retry(&mut self, core: &Core, other_body: bool) -> Option<Ask> {
        let asked: Vec<&Ask> = self.asked.iter().filter(|ask| ask.key.is_some()).collect();
        let recent = &asked[asked.len().saturating_sub(20)..];
        let mut ask = (!recent.is_empty()).then(|| (*core.pick(recent)).clone())?;
        if other_body {
            ask.body = match ask.endpoint {
                Endpoint::BuyCredits => "{\"amount\":77.77}".to_owned(),
                Endpoint::Print if ask.body.is_empty() => "{\"environment\":\"test\"}".to_owned(),
                Endpoint::Print => String::new(),
                Endpoint::Campaign => ask.body.replace("Spring", "Autumn"),
                Endpoint::AskRefund => {
                    let mut body: Value = serde_json::from_str(&ask.body).unwrap_or_default();
                    body["amount"] = json!("0.37");
                    body.to_string()
                }
                Endpoint::Adjust => ask.body.replace("a correction", "another correction"),
                _ => ask.body.replace("Neighbours", "Others"),
            };
        }
        Some(ask)
    }
}

fn filters(core: &Core) -> Value {
    core.pick(&[
        json!({"states": ["FL"]}),
        json!({"states": ["TX"]}),
        json!({"states": ["FL"], "homeowner": true}),
    ])
    .clone()
}

fn contacts(core: &Core) -> i64 {
    match core.below(100) {
        0..=88 => core.between(1, 45),
        89..=93 => core.between(380, 520),
        _ => core.between(4_401, 4_500),
    }
}
