//! What owners and finance do about credits besides buying them: auto top-up, alerts, refunds, quarantine,
//! corrections, imported balances. They see what the console shows them, so it is read from the tables.

use crate::calls::{Ask, Endpoint};
use crate::people::ORGANIZATIONS;
use crate::simulation::Simulation;
use money::Money;
use serde_json::{Value, json};
use support::records::{money, plain};

const DROPLAB: &str = "org_droplab";

impl Simulation {
    pub(crate) fn owner_turn(&mut self, organization: &str) {
        let ask = match self.core.below(20) {
            0..=8 => self.set_top_up(organization),
            9..=11 => self.set_alerts(organization),
            12..=16 => self.ask_refund(organization),
            _ => self.look_at_money(organization),
        };
        if let Some(ask) = ask {
            self.ask(ask);
        }
    }

    pub(crate) fn finance_turn(&mut self) {
        let ask = match self.core.below(20) {
            0..=9 => self.decide_refund(),
            10..=12 => self.resolve(),
            13..=15 => self.adjust(),
            16 => self.bring_over(),
            17 => Some(look(DROPLAB, "finance", Endpoint::Refunds, None)),
            18 => Some(look(DROPLAB, "finance", Endpoint::Quarantine, None)),
            _ => Some(self.people.finance(&self.core)),
        };
        if let Some(ask) = ask {
            self.ask(ask);
        }
    }

    fn available(&self, organization: &str) -> Money {
        let account = self.system.dynamo.item("ledger", &format!("ORG#{organization}"), "ACCOUNT");
        let Some(account) = account.map(|item| plain(&item)) else { return Money::ZERO };
        let lots = account["lots"].as_array().map(Vec::as_slice).unwrap_or_default();
        Money::sum(lots.iter().map(|lot| money(&lot["remaining"]))).expect("in range")
    }

    /// Somewhat less or more than is available, in whole credits: a level that will soon be crossed.
    fn near_level(&self, organization: &str, soon: (i64, i64)) -> i64 {
        let whole = self.available(organization).cents() / 100;
        let (low, high) = if self.core.chance(600) { soon } else { (50, 120) };
        (whole * self.core.between(low, high) / 100).clamp(1, 9_900)
    }

    fn set_top_up(&mut self, organization: &str) -> Option<Ask> {
        // who has no card yet buys credits first, mostly
        if !self.has_card(organization) && self.core.chance(900) {
            return Some(self.people.buy_credits(&self.core, organization));
        }
        let threshold = self.near_level(organization, (97, 115));
        let target = (threshold + *self.core.pick(&[10, 25, 60, 200, 500])).min(20_000);
        let cap = *self.core.pick(&[30, 60, 120, 300, 2_000]);
        let enabled = self.core.chance(850);
        let body = json!({"enabled": enabled, "threshold": threshold.to_string(), "target": target.to_string(),
            "monthlyCap": cap.to_string()});
        self.checks.cap_asked(organization, &self.core, Money::parse(&cap.to_string()).ok()?);
        Some(Ask { body: body.to_string(), ..look(organization, "owner", Endpoint::SetTopUp, None) })
    }

    fn has_card(&self, organization: &str) -> bool {
        let profile = self.system.dynamo.item("work", &format!("ORG#{organization}"), "PROFILE");
        let customer = profile.map(|item| plain(&item)["customer"].clone()).unwrap_or_default();
        let world = self.system.vendors.world();
        let cards = world.stripe.objects("payment_methods");
        customer.is_string() && cards.iter().any(|card| card["customer"] == customer)
    }

    fn set_alerts(&mut self, organization: &str) -> Option<Ask> {
        let levels: Vec<String> = (0..self.core.between(0, 3))
            .map(|_| self.near_level(organization, (93, 99)).to_string())
            .collect();
        let body = json!({"levels": levels}).to_string();
        Some(Ask { body, ..look(organization, "owner", Endpoint::SetAlerts, None) })
    }

    fn ask_refund(&mut self, organization: &str) -> Option<Ask> {
        let order = self.paid_order(organization)?;
        let mut body = json!({"orderId": order["orderId"], "reason": "we bought too much"});
        if self.core.chance(750) {
            let most = money(&order["amount"]).cents();
            body["amount"] = json!(dollars(self.core.between(1, (most / 3).max(2))));
        }
        Some(self.people.ask(organization, "owner", Endpoint::AskRefund, None, body.to_string()))
    }

    fn paid_order(&self, organization: &str) -> Option<Value> {
        let pk = format!("ORG#{organization}");
        let orders = self.system.dynamo.items("work", &pk, ("ORDER#", "ORDER#~"));
        let paid: Vec<Value> =
            orders.iter().map(plain).filter(|order| !order["grantedFor"].is_null()).collect();
        (!paid.is_empty()).then(|| self.core.pick(&paid).clone())
    }

    fn look_at_money(&mut self, organization: &str) -> Option<Ask> {
        let view = |endpoint, id| Some(look(organization, "owner", endpoint, id));
        match self.core.below(7) {
            0 => view(Endpoint::TopUp, None),
            1 => view(Endpoint::Alerts, None),
            2 => view(Endpoint::Portal, None),
            3 => {
                let order = self.paid_order(organization)?;
                view(Endpoint::Receipt, order["orderId"].as_str().map(str::to_owned))
            }
            4 => view(Endpoint::Statement, None),
            5 => {
                let at = self.core.now().plus_seconds(-self.core.between(60, 86_400));
                let ask = look(organization, "owner", Endpoint::Credits, None);
                Some(Ask { body: format!("at={at}"), ..ask })
            }
            _ => view(Endpoint::Orders, None),
        }
    }

    /// Finance decides on a request, mostly on one that is new; sometimes it decides again, or otherwise.
    fn decide_refund(&mut self) -> Option<Ask> {
        let requests = self.system.dynamo.items("work", "REFUND-REQUESTS", ("", "~"));
        let requests: Vec<Value> = requests.iter().map(plain).collect();
        let again = self.core.chance(250);
        let wanted: Vec<&Value> =
            requests.iter().filter(|request| again || request["status"] == "requested").collect();
        let request = (!wanted.is_empty()).then(|| (*self.core.pick(&wanted)).clone())?;
        let body = json!({"organizationId": request["organization"], "approve": self.core.chance(850),
            "reason": "as asked"});
        let id = request["id"].as_str().map(str::to_owned);
        Some(Ask { body: body.to_string(), ..look(DROPLAB, "finance", Endpoint::DecideRefund, id) })
    }

    /// Finance resolves what is quarantined: grants some of it to somebody, or dismisses it.
    fn resolve(&mut self) -> Option<Ask> {
        let facts = self.system.dynamo.items("work", "QUARANTINE", ("OBJECT#", "OBJECT#~"));
        let facts: Vec<Value> = facts.iter().map(plain).collect();
        let again = self.core.chance(150);
        let open: Vec<&Value> = facts.iter().filter(|fact| again || fact["resolution"].is_null()).collect();
        let fact = (!open.is_empty()).then(|| (*self.core.pick(&open)).clone())?;
        // a warning can only be lifted
        let grantable = fact["reason"] != "early-fraud-warning";
        let grant = (grantable && self.core.chance(700)).then(|| dollars(self.core.between(1, 9_900)));
        self.resolution(&fact, grant)
    }

    /// Whose a stranger's money is, finance finds out once.
    fn resolution(&mut self, fact: &Value, grant: Option<String>) -> Option<Ask> {
        let object = fact["object"].as_str()?.to_owned();
        let mut body = json!({"object": object, "quarantine": fact["reason"], "reason": "looked into"});
        if let Some(amount) = grant {
            let whose = object.bytes().map(usize::from).sum::<usize>() % ORGANIZATIONS.len();
            body["grant"] = json!(amount);
            // An invoice that grants nothing is mostly of somebody who is known.
            if fact["reason"] != "grants-nothing" || fact["organization"].is_null() {
                body["organizationId"] = json!(ORGANIZATIONS[whose]);
                body["newOrganization"] = json!(true);
            }
            self.people.resolved.push((object, amount));
        }
        Some(Ask { body: body.to_string(), ..look(DROPLAB, "finance", Endpoint::Resolve, None) })
    }

    /// Finance decides again where it was not answered: a decision is done with when it is answered.
    pub(crate) fn resolve_again(&mut self) {
        let facts = self.system.dynamo.items("work", "QUARANTINE", ("OBJECT#", "OBJECT#~"));
        let open = facts.iter().map(plain).filter(|fact| fact["resolution"].is_null());
        for fact in open.collect::<Vec<_>>() {
            // what was refused was too much
            let asked = self.people.resolved.iter().filter(|(object, _)| fact["object"] == object.as_str());
            let least = asked.map(|(_, amount)| amount).min_by_key(|amount| Money::parse(amount).ok());
            if let Some(ask) = least.cloned().and_then(|amount| self.resolution(&fact, Some(amount))) {
                self.ask(ask);
            }
        }
    }

    fn adjust(&mut self) -> Option<Ask> {
        let organization = *self.core.pick(&ORGANIZATIONS);
        let cents = self.core.between(-9_000, 9_000);
        let sign = if cents < 0 { "-" } else { "" };
        let amount = format!("{sign}{}", dollars(cents.abs().max(1)));
        let mut body = json!({"organizationId": organization, "amount": amount, "reason": "a correction"});
        if self.core.chance(800) {
            body["newOrganization"] = json!(true);
        }
        Some(self.people.ask(DROPLAB, "finance", Endpoint::Adjust, None, body.to_string()))
    }

    /// A balance of the existing application, with the customer that its subscription is paid by. The same row
    /// comes again, at times with other figures.
    fn bring_over(&mut self) -> Option<Ask> {
        let organization = *self.core.pick(&ORGANIZATIONS);
        let customer = format!("cus_before_{organization}");
        let known = self
            .system
            .vendors
            .world()
            .stripe
            .objects("customers")
            .iter()
            .any(|one| one["id"] == customer.as_str());
        let customer = if known && self.core.chance(700) { customer } else { String::new() };
        let row = format!("row-{organization}-{}", self.core.between(1, 2));
        let credits = dollars(*self.core.pick(&[0, 12_700, 12_700, 12_700, 5_005]));
        // An organization that does business takes an opening balance by override alone.
        let overrides = if self.core.chance(500) { "true,found late" } else { "," };
        let header = "rowId,organizationId,credits,stripeCustomerId,override,reason";
        let body = format!("{header}\n{row},{organization},{credits},{customer},{overrides}\n");
        self.people.rows.push((row, credits.clone()));
        Some(Ask { body, ..look(DROPLAB, "finance", Endpoint::Opening, None) })
    }
}

/// A call without a key and a body.
fn look(organization: &str, role: &'static str, endpoint: Endpoint, id: Option<String>) -> Ask {
    Ask { organization: organization.to_owned(), role, endpoint, key: None, id, body: String::new() }
}

fn dollars(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
