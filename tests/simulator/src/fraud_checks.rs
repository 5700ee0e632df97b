//! Early fraud warnings, once all has ended: while a warning stands, nothing of its purchase can be spent; once finance
//! has lifted it, nothing is held for it; the owner and finance have heard of each.

use crate::core::Core;
use crate::stripe_books::{Grant, text};
use money::Money;
use sandbox::stripe::Stripe;
use serde_json::Value;
use std::collections::BTreeMap;
use support::records::{Records, money};

struct Warnings<'a> {
    core: &'a Core,
    stripe: &'a Stripe,
    records: &'a Records,
    held: BTreeMap<(String, String), Money>,
}

pub(crate) fn check(core: &Core, stripe: &Stripe, records: &Records, grants: &[Grant]) {
    let mut warnings = Warnings { core, stripe, records, held: BTreeMap::new() };
    warnings.read_holds();
    for grant in grants {
        warnings.of_grant(grant);
    }
    for ((organization, payment), amount) in &warnings.held {
        core.broken(format!(
            "{organization}: {amount} is held for warnings of {payment}, and it stands for nothing"
        ));
    }
}

pub(crate) fn is_of_warning(hold: &Value) -> bool {
    hold["purpose"] == "fraud-warning"
}

/// Whether Stripe has this warning.
pub(crate) fn is_warning(stripe: &Stripe, object: &str) -> bool {
    stripe.objects("early_fraud_warnings").into_iter().any(|warning| warning["id"] == object)
}

impl Warnings<'_> {
    fn read_holds(&mut self) {
        for ((pk, sk), hold) in &self.records.ledger {
            let Some(id) = sk.strip_prefix("HOLD#") else { continue };
            if !is_of_warning(hold) || hold["status"] != "open" {
                continue;
            }
            let warning = id.rsplit_once('-').map_or(id, |(warning, _)| warning);
            let all = self.stripe.objects("early_fraud_warnings");
            let Some(warning) = all.into_iter().find(|one| one["id"] == warning) else {
                self.core.broken(format!("{id} is held for a warning that Stripe does not know"));
                continue;
            };
            let organization = pk.trim_start_matches("ORG#").to_owned();
            let key = (organization, text(warning, "payment_intent"));
            if self.held.insert(key, money(&hold["amount"])).is_some() {
                self.core.broken(format!("two holds are open for warnings of {}", warning["payment_intent"]));
            }
        }
    }

    /// Of the warnings of a grant: whether any stands.
    fn of_grant(&mut self, grant: &Grant) {
        let all = self.stripe.objects("early_fraud_warnings");
        let ours = all.into_iter().filter(|warning| warning["payment_intent"] == grant.payment.as_str());
        let mut stands = false;
        for id in ours.map(|warning| text(warning, "id")) {
            let fact = self.records.kind("OBJECT#").find(|fact| fact["object"] == id.as_str());
            let Some(fact) = fact else {
                self.core.broken(format!("finance has not heard of the warning {id}"));
                continue;
            };
            let lifted = !fact["resolution"].is_null();
            let alerts = self.records.kind("ALERT#").filter(|alert| alert["name"] == id.as_str()).count();
            // lifted before the warning was noted on its purchase, there is nothing to tell the owner
            if alerts > 1 || (alerts == 0 && !lifted) {
                self.core.broken(format!("{id}: the owner has {alerts} alerts of it, lifted: {lifted}"));
            }
            stands |= !lifted;
        }
        let held = self.held.remove(&(grant.organization.clone(), grant.payment.clone()));
        let held = held.unwrap_or(Money::ZERO);
        let left = Money::from_cents(grant.granted - grant.taken(self.stripe)).expect("in range");
        let (id, free) = (&grant.id, self.free_of(grant));
        if !stands && !held.is_zero() {
            self.core.broken(format!("{id}: {held} is held, and no warning stands"));
        } else if held > left {
            self.core.broken(format!("{id}: {held} is held for warnings, and {left} is left of it"));
        } else if stands && held < left && free.is_positive() {
            self.core
                .broken(format!("{id}: a warning stands, {held} of {left} is held, and {free} can be spent"));
        }
    }

    fn free_of(&self, grant: &Grant) -> Money {
        let Some(entry) = self.records.entry_of(grant.kind, &grant.id) else { return Money::ZERO };
        let (seq, is_paid) = (entry["seq"].as_u64(), entry["kind"] != "subscription");
        let key = (format!("ORG#{}", grant.organization), "ACCOUNT".to_owned());
        let lots = self.records.ledger.get(&key).and_then(|account| account["lots"].as_array());
        let own = lots.into_iter().flatten().find(|lot| {
            let (first, last) = (lot["seq"].as_u64(), lot["lastSeq"].as_u64().or(lot["seq"].as_u64()));
            let paid = matches!(lot["kind"].as_str(), Some("purchase" | "top-up" | "opening"));
            first <= seq && seq <= last && paid == is_paid
        });
        own.map_or(Money::ZERO, |lot| money(&lot["remaining"]))
    }
}
