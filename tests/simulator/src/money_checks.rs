//! Credits beside Stripe's objects, once all has ended: each payment credited once, each refund and dispute taken
//! once and by its share, nobody charged twice or beyond the cap, frozen exactly while there is a reason.

use crate::checks::Checks;
use crate::core::Core;
use crate::fraud_checks::{self, is_warning};
use crate::people::{ORGANIZATIONS, People};
use crate::stripe_books::{Grant, cents_of, frozen, grants, grants_credits, imported_at, is_active, text};
use crate::system::System;
use money::Money;
use sandbox::stripe::Stripe;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::records::{Records, money};

const REVERSALS: [&str; 4] = ["refund", "refund-undone", "dispute-taken", "dispute-returned"];

struct Beside<'a> {
    core: &'a Core,
    stripe: &'a Stripe,
    records: &'a Records,
    grants: Vec<Grant>,
}

pub(crate) fn check(core: &Core, system: &System, records: &Records, checks: &Checks, people: &People) {
    let world = system.vendors.world();
    let grants = grants(&world.stripe, records, people);
    let beside = Beside { core, stripe: &world.stripe, records, grants };
    beside.credited();
    beside.taken();
    beside.opening_reversals_in_review();
    beside.balances();
    beside.charges(checks);
    beside.own_refunds();
    beside.freezes();
    beside.top_ups_awake();
    beside.finance(people);
    fraud_checks::check(core, &world.stripe, records, &beside.grants);
}

fn dollars(cents: i64) -> Money {
    Money::from_cents(cents).expect("in range")
}

fn organization_of(item: &Value) -> String {
    text(item, "pk").trim_start_matches("ORG#").to_owned()
}

impl Beside<'_> {
    fn broken(&self, what: String) {
        self.core.broken(what);
    }

    fn sum(&self, organization: &str, kinds: &[&str]) -> Money {
        let ours = self.records.entries().filter(|entry| {
            organization_of(entry) == organization && kinds.iter().any(|kind| entry["kind"] == *kind)
        });
        Money::sum(ours.map(|entry| money(&entry["amount"]))).expect("in range")
    }

    /// Whether this is an invoice that the plan grants nothing for.
    fn is_outside_the_plan(&self, object: &str) -> bool {
        let invoices = self.stripe.objects("invoices");
        invoices.into_iter().any(|invoice| invoice["id"] == object && !grants_credits(invoice))
    }

    /// Whether a refund or dispute is of a payment that nothing was granted for and that is older than its
    /// organization's opening balance, and came later than that.
    fn goes_back_of_opening(&self, object: &str) -> bool {
        let objects = ["refunds", "disputes"].into_iter().flat_map(|kind| self.stripe.objects(kind));
        let Some(found) = objects.into_iter().find(|found| found["id"] == object) else { return false };
        let payment = text(found, "payment_intent");
        let payments = self.stripe.objects("payment_intents");
        // one from before there were payment intents is nobody's of ours
        let paid = payments.into_iter().find(|paid| paid["id"] == payment.as_str());
        let Some(paid) = paid else { return false };
        let organization = text(paid, "customer").trim_start_matches("cus_before_").to_owned();
        let Some(at) = imported_at(self.records, &organization) else { return false };
        let granted = self.grants.iter().any(|grant| grant.payment == payment);
        let later = object.starts_with("dp_") || found["created"].as_i64() >= Some(at);
        !granted && paid["created"].as_i64() < Some(at) && later
    }

    fn opening_reversals_in_review(&self) {
        for refund in self.stripe.objects("refunds").into_iter().filter(|refund| is_active(refund)) {
            let id = text(refund, "id");
            let in_review = self.records.kind("OBJECT#").any(|fact| fact["object"] == id.as_str());
            if self.goes_back_of_opening(&id) && !in_review {
                self.broken(format!("{id} goes back of an opening balance, and it is not in review"));
            }
        }
    }

    /// Each payment is credited exactly once, to whoever paid, as many credits as it is worth; nothing else is.
    fn credited(&self) {
        for Grant { kind, id, organization, granted, .. } in &self.grants {
            let due = dollars(*granted);
            let Some(entry) = self.records.entry_of(kind, id) else {
                self.broken(format!("{id}: {due} is due to {organization}, and nothing is credited"));
                continue;
            };
            let credited = (organization_of(entry), money(&entry["amount"]));
            if credited != (organization.clone(), due) {
                self.broken(format!("{id}: {due} is due to {organization}, {credited:?} is credited"));
            }
        }
        let bought =
            |entry: &&Value| matches!(entry["kind"].as_str(), Some("purchase" | "top-up" | "subscription"));
        let credited = self.records.entries().filter(bought).count();
        if credited != self.grants.len() {
            self.broken(format!("{} payments bring credits, {credited} are credited", self.grants.len()));
        }
        for fact in self.records.kind("OBJECT#") {
            let dismissed = !fact["resolution"].is_null() && fact["resolution"]["granted"].is_null();
            let id = text(fact, "object");
            // a made-up event, in the matrix
            let is_event = id.starts_with("evt_") && fact["reason"] == "not-decidable";
            let goes_back = fact["reason"] == "brought-over" && self.goes_back_of_opening(&id);
            let for_finance = fact["reason"] == "grants-nothing" && self.is_outside_the_plan(&id);
            let is_warning = fact["reason"] == "early-fraud-warning" && is_warning(self.stripe, &id);
            let known = is_event || goes_back || for_finance || is_warning;
            if fact["reason"] != "organization-unknown" && !known {
                self.broken(format!("{id} is quarantined: {}", fact["reason"]));
            } else if dismissed && self.records.entry_of("invoice", &id).is_some() {
                self.broken(format!("{id} was dismissed by finance, and is credited"));
            }
        }
    }

    /// What refunds and disputes took of each payment's credits is their share of it, and nothing else is taken.
    fn taken(&self) {
        let mut moved: BTreeMap<String, Money> = BTreeMap::new();
        for entry in self.records.entries() {
            let cause = &entry["cause"];
            if REVERSALS.iter().any(|kind| cause["kind"] == *kind) {
                let sum = moved.entry(text(cause, "id")).or_default();
                *sum = sum.minus(money(&entry["amount"])).expect("in range");
            }
        }
        let objects = [self.stripe.objects("refunds"), self.stripe.objects("disputes")].concat();
        let mut by_payment: BTreeMap<String, Money> = BTreeMap::new();
        for object in objects {
            if let Some(taken) = moved.remove(&text(object, "id")) {
                let sum = by_payment.entry(text(object, "payment_intent")).or_default();
                *sum = sum.plus(taken).expect("in range");
            }
        }
        for (object, taken) in moved {
            self.broken(format!("{object}: {taken} is taken for what Stripe does not know"));
        }
        for grant in &self.grants {
            let taken = by_payment.remove(&grant.payment).unwrap_or(Money::ZERO);
            let due = dollars(grant.taken(self.stripe));
            if taken != due {
                self.broken(format!("{} ({}): {taken} is taken, {due} is due", grant.id, grant.payment));
            }
        }
        for (payment, taken) in by_payment.into_iter().filter(|(_, taken)| !taken.is_zero()) {
            self.broken(format!("{payment}: {taken} is taken, and it brought no credits"));
        }
    }

    /// What an organization has is what it paid, less what was taken back, spent and expired, with what finance
    /// corrected and imported.
    fn balances(&self) {
        for organization in ORGANIZATIONS {
            let account = self.records.ledger.get(&(format!("ORG#{organization}"), "ACCOUNT".to_owned()));
            // before the first entry it is watched levels alone
            let Some(account) = account.filter(|account| !account["seq"].is_null()) else { continue };
            let lots = account["lots"].as_array().map(Vec::as_slice).unwrap_or_default();
            let unused = Money::sum(lots.iter().map(|lot| money(&lot["remaining"]))).expect("in range");
            let has = unused.minus(money(&account["deficit"])).expect("in range");
            let has = has.plus(money(&account["held"])).expect("in range");
            let own = self.grants.iter().filter(|grant| grant.organization == organization);
            let paid: i64 = own.map(|grant| grant.granted - grant.taken(self.stripe)).sum();
            let others = self.sum(organization, &["adjustment", "opening", "charge", "expiry"]);
            let due = dollars(paid).plus(others).expect("in range");
            if has != due {
                self.broken(format!("{organization} has {has}; by Stripe's objects it is {due}"));
            }
        }
    }

    /// No order is paid twice, and a month's top-ups stay below the cap that was in force.
    fn charges(&self, checks: &Checks) {
        let mut paid: BTreeMap<String, u32> = BTreeMap::new();
        let mut by_month: BTreeMap<(String, String), Money> = BTreeMap::new();
        for payment in self.stripe.objects("payment_intents") {
            let metadata = &payment["metadata"];
            if payment["status"] != "succeeded" || metadata["order_id"].is_null() {
                continue;
            }
            let order = text(metadata, "order_id");
            *paid.entry(order.clone()).or_default() += 1;
            let placed = self.records.kind("ORDER#").find(|known| known["orderId"] == order.as_str());
            let Some(placed) = placed else {
                self.broken(format!("{order} is paid, and does not stand"));
                continue;
            };
            if metadata["type"] == "top-up" {
                let month = text(placed, "createdAt")[..7].to_owned();
                let sum = by_month.entry((text(metadata, "organization_id"), month)).or_default();
                *sum = sum.plus(dollars(cents_of(payment))).expect("in range");
            }
        }
        for (order, times) in paid.into_iter().filter(|(_, times)| *times > 1) {
            self.broken(format!("{order} is paid {times} times"));
        }
        for ((organization, month), charged) in by_month {
            let cap = checks.cap_of(&organization, &month);
            if charged > cap {
                self.broken(format!("{organization} {month}: {charged} is charged, the cap was {cap}"));
            }
        }
    }

    /// What finance approved is refunded once at Stripe and taken once.
    fn own_refunds(&self) {
        let mut made: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for refund in self.stripe.objects("refunds") {
            if let Some(request) = refund["metadata"]["refund_request"].as_str() {
                made.entry(request.to_owned()).or_default().push(refund);
            }
        }
        let requests = self.records.work.iter().filter(|((pk, _), _)| pk == "REFUND-REQUESTS");
        for (_, request) in requests {
            let id = text(request, "id");
            let refunds = made.remove(&id).unwrap_or_default();
            let active = refunds.iter().filter(|refund| is_active(refund)).count();
            let expected = usize::from(request["status"] == "refunded");
            if refunds.len() > 1 || active != expected {
                self.broken(format!("{id} is {}, refunds at Stripe: {refunds:?}", request["status"]));
            }
            let Some(refund) = refunds.first() else { continue };
            let taken = self.takings_of(&text(refund, "id"));
            let exceeded = self.is_exceeded(&text(refund, "payment_intent"));
            if taken > 1 || (active == 1 && taken == 0 && !exceeded) {
                self.broken(format!("{id}: its refund {} is taken {taken} times", refund["id"]));
            }
        }
        if !made.is_empty() {
            self.broken(format!("refunds of requests that do not stand: {made:?}"));
        }
    }

    fn takings_of(&self, refund: &str) -> usize {
        let takes = |entry: &&Value| entry["cause"]["kind"] == "refund" && entry["cause"]["id"] == refund;
        self.records.entries().filter(takes).count()
    }

    /// Whether refunds and disputes, the ended ones too, exceeded a payment: then one may have taken nothing.
    fn is_exceeded(&self, payment: &str) -> bool {
        let objects = [self.stripe.objects("refunds"), self.stripe.objects("disputes")].concat();
        let ours = objects.iter().filter(|object| object["payment_intent"] == payment);
        let all: i64 = ours.map(|object| cents_of(object)).sum();
        self.grants.iter().any(|grant| grant.payment == payment && all > grant.paid)
    }

    /// Frozen exactly by open disputes and subscriptions that are past due.
    fn freezes(&self) {
        let mut expected = frozen(self.stripe, &self.grants, self.records);
        for organization in ORGANIZATIONS {
            let account = self.records.ledger.get(&(format!("ORG#{organization}"), "ACCOUNT".to_owned()));
            let found = account.and_then(|account| account["frozen"].as_object());
            let found: BTreeSet<String> =
                found.into_iter().flatten().map(|(object, _)| object.clone()).collect();
            let expected = expected.remove(organization).unwrap_or_default();
            if found != expected {
                self.broken(format!("{organization} is frozen by {found:?}; at Stripe by {expected:?}"));
            }
        }
    }

    /// Auto top-up that is on, not paused and below its threshold has a time at which it is looked at.
    fn top_ups_awake(&self) {
        let settings = self.records.work.iter().filter(|((_, sk), _)| sk == "AUTO-TOP-UP");
        for ((pk, _), top_up) in settings {
            let account = self.records.ledger.get(&(pk.clone(), "ACCOUNT".to_owned()));
            let lots =
                account.and_then(|account| account["lots"].as_array()).map(Vec::as_slice).unwrap_or_default();
            let available = Money::sum(lots.iter().map(|lot| money(&lot["remaining"]))).expect("in range");
            let low = available < money(&top_up["settings"]["threshold"]);
            let on = top_up["settings"]["enabled"] == true && top_up["paused"].is_null();
            if on && low && top_up["lookAt"].is_null() {
                self.broken(format!("{pk}: auto top-up sleeps at {available}: {top_up}"));
            }
        }
    }

    /// Each correction and each row of opening balances was asked for, and came once.
    fn finance(&self, people: &People) {
        let mut rows = BTreeSet::new();
        for entry in self.records.entries().filter(|entry| entry["kind"] == "opening") {
            let (row, amount) = (text(&entry["cause"], "id"), money(&entry["amount"]).to_string());
            if !people.rows.contains(&(row.clone(), amount.clone())) || !rows.insert(row.clone()) {
                self.broken(format!("{row}: {amount} was imported"));
            }
        }
        let mut asked: Vec<(String, Money)> = people.adjustments();
        for entry in self.records.entries().filter(|entry| entry["kind"] == "adjustment") {
            let made = (organization_of(entry), money(&entry["amount"]));
            match asked.iter().position(|asked| *asked == made) {
                Some(at) => drop(asked.swap_remove(at)),
                None => self.broken(format!("nobody asked for the adjustment {made:?}")),
            }
        }
    }
}
