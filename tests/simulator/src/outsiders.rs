//! What outsiders bring: an account whose default version is old, payments that Stripe no longer knows, keys that may
//! not read, saved methods that are no cards, appeals, early fraud warnings, members who count in a loop.

use crate::simulation::Simulation;
use serde_json::{Value, json};

/// A default version of before the present shapes.
const OLD_VERSION: &str = "2024-06-20";

/// So many calls of Data Axle in ten seconds, while a member counts in a loop.
const CALLS_IN_TEN_SECONDS: usize = 30;

impl Simulation {
    pub(crate) fn outsider_turn(&mut self, organization: &str) {
        self.lift_limits();
        let line = match self.core.below(18) {
            0 | 1 => Some(self.change_version()),
            2..=4 => self.forget_foreign_payment(),
            5 => Some(self.forget_charge()),
            6 => self.save_other_method(),
            7 | 8 => self.appeal(),
            9 | 10 => Some(self.refuse_key()),
            11..=14 => self.warn_of_fraud(),
            _ => Some(self.count_in_a_loop(organization)),
        };
        if let Some(line) = line {
            self.core.tell(&format!("from outside: {line}"));
        }
    }

    pub(crate) fn perhaps_begin_with_an_old_version(&self) {
        if self.core.chance(300) {
            self.system.vendors.world().stripe.set_account_version(Some(OLD_VERSION));
        }
    }

    /// The key may read everything, and nobody counts in a loop.
    pub(crate) fn lift_limits(&self) {
        let mut world = self.system.vendors.world();
        world.stripe.restrict_key(&[]);
        world.data_axle.limit_rate(None);
    }

    fn change_version(&self) -> String {
        let version = *self.core.pick(&[None, Some(OLD_VERSION)]);
        self.system.vendors.world().stripe.set_account_version(version);
        format!("the account's default version is {version:?}")
    }

    /// A payment of another application is refunded or disputed, and Stripe no longer knows it.
    fn forget_foreign_payment(&self) -> Option<String> {
        let foreign = |payment: &Value| {
            payment["status"] == "succeeded"
                && payment["metadata"].as_object().is_some_and(serde_json::Map::is_empty)
        };
        let free = |payment: &Value| foreign(payment) && payment["customer"].is_null();
        let payment = self.one_of("payment_intents", free)?;
        let id = payment["id"].as_str().unwrap_or_default().to_owned();
        let now = self.core.vendor_ms();
        let dispute = self.core.chance(300);
        let stripe = &mut self.system.vendors.world().stripe;
        let done = if dispute {
            stripe.open_dispute(now, &id, None, false).is_ok()
        } else {
            stripe.refund_by_dashboard(now, &id, Some(100), "succeeded").is_ok()
        };
        if !done || stripe.forget(&id).is_err() {
            return None;
        }
        self.core.injected("Stripe: a payment that is no longer known");
        Some(format!("{id} of another application goes back and is forgotten, disputed: {dispute}"))
    }

    /// The same of a payment from before there were payment intents.
    fn forget_charge(&self) -> String {
        let (now, forgotten) = (self.core.vendor_ms(), self.core.chance(700));
        let stripe = &mut self.system.vendors.world().stripe;
        let charge = stripe.charge_without_intent(now, 4_200, &json!({}));
        let id = charge["id"].as_str().unwrap_or_default().to_owned();
        let refunded = stripe.refund_by_dashboard(now, &id, Some(700), "succeeded").is_ok();
        if forgotten && stripe.forget(&id).is_ok() {
            self.core.injected("Stripe: a payment that is no longer known");
        }
        format!("a charge without an intent is refunded: {refunded}, forgotten: {forgotten}")
    }

    /// A customer saves a method that no top-up charges.
    fn save_other_method(&self) -> Option<String> {
        let customer = self.one_of("customers", |_| true)?["id"].as_str().unwrap_or_default().to_owned();
        let kind = *self.core.pick(&["link", "us_bank_account"]);
        let now = self.core.vendor_ms();
        self.system.vendors.world().stripe.save_method(now, &customer, kind).ok()?;
        self.core.injected("Stripe: a saved method that is no card");
        Some(format!("{customer} saves a method of {kind}"))
    }

    /// A decision of a dispute is looked into again.
    fn appeal(&mut self) -> Option<String> {
        let decided = |dispute: &Value| {
            let id = dispute["id"].as_str().unwrap_or_default();
            matches!(dispute["status"].as_str(), Some("won" | "lost")) && !self.people.appealed.contains(id)
        };
        let dispute = self.one_of("disputes", decided)?["id"].as_str().unwrap_or_default().to_owned();
        let (now, under_review) = (self.core.vendor_ms(), self.core.chance(300));
        self.system.vendors.world().stripe.appeal_dispute(now, &dispute, under_review, false).ok()?;
        self.core.injected("Stripe: a decision is appealed against");
        self.people.appealed.insert(dispute.clone());
        Some(format!("{dispute} is appealed against, under review: {under_review}"))
    }

    fn warn_of_fraud(&self) -> Option<String> {
        let stray = self.core.chance(100);
        let paid = |payment: &Value| {
            let is_ours = !payment["customer"].is_null();
            payment["status"] == "succeeded" && (stray || is_ours)
        };
        let payment = self.one_of("payment_intents", paid)?["id"].as_str().unwrap_or_default().to_owned();
        let kind = *self.core.pick(&["misc", "made_with_stolen_card", "unauthorized_use_of_card"]);
        let now = self.core.vendor_ms();
        self.system.vendors.world().stripe.warn_of_fraud(now, &payment, kind).ok()?;
        self.core.injected("Stripe: a bank warns of fraud");
        Some(format!("a bank warns of {payment}: {kind}"))
    }

    /// The key loses the right to read some kinds of objects, until somebody notices.
    fn refuse_key(&self) -> String {
        let kinds: &[&str] = match self.core.below(4) {
            0 => &["charges"],
            1 => &["payment_intents", "charges"],
            2 => &["events"],
            _ => &["disputes", "refunds"],
        };
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        self.system.vendors.world().stripe.restrict_key(&kinds);
        self.core.injected("Stripe: the key may not read an object");
        format!("the key may not touch {kinds:?}")
    }

    fn count_in_a_loop(&mut self, organization: &str) -> String {
        let limit = Some((CALLS_IN_TEN_SECONDS, 10_000));
        self.system.vendors.world().data_axle.limit_rate(limit);
        let times = self.core.between(12, 40);
        for _ in 0..times {
            let ask = self.people.count(&self.core, organization);
            self.ask(ask);
        }
        self.core.injected("a member counts in a loop");
        format!("a member of {organization} counts {times} times")
    }
}
