//! What happens at Stripe without us: cards change, delayed charges end, somebody refunds in the Dashboard, banks
//! dispute, subscriptions begin, cycle, lapse and are paid after all.

use crate::simulation::Simulation;
use sandbox::stripe::{CardBehaviour, NewSubscription, SECRET_KEY, Stripe};
use serde_json::{Value, json};

/// A customer that nobody of ours is known to be, until finance decides.
pub(crate) const STRANGER: &str = "cus_stranger";

impl Simulation {
    pub(crate) fn stripe_turn(&mut self) {
        let line = match self.core.below(40) {
            0..=6 => self.change_card(),
            7..=11 => self.settle_charge(),
            12..=17 => self.refund_in_dashboard(),
            18..=22 => self.settle_refund(),
            23 | 24 => self.change_refunds(),
            25..=29 => self.dispute(),
            30..=36 => self.go_on_with_dispute(),
            37 => self.detach_card(),
            _ => self.foreign_sale(),
        };
        if let Some(line) = line {
            self.core.tell(&format!("at Stripe: {line}"));
        }
    }

    pub(crate) fn one_of(&self, kind: &str, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        let world = self.system.vendors.world();
        let found: Vec<&Value> = world.stripe.objects(kind).into_iter().filter(|one| fits(one)).collect();
        // mostly something that happened lately
        let recent = if self.core.chance(700) { &found[found.len().saturating_sub(6)..] } else { &found[..] };
        (!recent.is_empty()).then(|| (*self.core.pick(recent)).clone())
    }

    fn change_card(&self) -> Option<String> {
        let customer = text(&self.one_of("customers", |_| true)?, "id");
        let all = ["succeeds", "succeeds", "succeeds", "declined", "insufficient_funds", "processing"];
        let name = if self.core.chance(120) { "authentication_required" } else { *self.core.pick(&all) };
        let behaviour = CardBehaviour::parse(name).expect("a behaviour");
        self.system.vendors.world().stripe.set_card_behaviour(&customer, behaviour);
        Some(format!("cards of {customer}: {name}"))
    }

    fn settle_charge(&self) -> Option<String> {
        let charge = self.one_of("payment_intents", |intent| {
            intent["status"] == "processing" && intent["metadata"]["type"] == "top-up"
        })?;
        let (id, well) = (text(&charge, "id"), self.core.chance(700));
        let now = self.core.vendor_ms();
        let settled = self.system.vendors.world().stripe.settle_intent(now, &id, well);
        settled.ok().map(|_| format!("the charge {id} ends: {well}"))
    }

    fn paid_payment(&self) -> Option<Value> {
        self.one_of("payment_intents", |intent| intent["status"] == "succeeded")
    }

    fn amount_of(&self, payment: &Value) -> Option<i64> {
        let paid = payment["amount"].as_i64().unwrap_or(1);
        self.core.chance(700).then(|| self.core.between(1, (paid / 2).max(1)))
    }

    fn refund_in_dashboard(&self) -> Option<String> {
        let payment = self.paid_payment()?;
        let amount = self.amount_of(&payment);
        let status = *self.core.pick(&["succeeded", "succeeded", "pending", "requires_action", "failed"]);
        let (now, id) = (self.core.vendor_ms(), text(&payment, "id"));
        let made = self.system.vendors.world().stripe.refund_by_dashboard(now, &id, amount, status);
        made.ok().map(|refund| format!("{} of {id} is refunded: {status}", refund["amount"]))
    }

    fn settle_refund(&self) -> Option<String> {
        let bounces = self.core.chance(150);
        let waits = |refund: &Value| matches!(refund["status"].as_str(), Some("pending" | "requires_action"));
        let refund =
            self.one_of("refunds", |refund| waits(refund) || (bounces && refund["status"] == "succeeded"))?;
        let status = match refund["status"].as_str() {
            Some("succeeded") => "failed",
            _ => *self.core.pick(&["succeeded", "failed", "canceled"]),
        };
        let (now, id) = (self.core.vendor_ms(), text(&refund, "id"));
        let settled = self.system.vendors.world().stripe.settle_refund(now, &id, status);
        settled.ok().map(|_| format!("the refund {id} is {status}"))
    }

    fn change_refunds(&self) -> Option<String> {
        let all = ["succeeded", "succeeded", "succeeded", "pending", "requires_action", "failed"];
        let status = *self.core.pick(&all);
        self.system.vendors.world().stripe.begin_refunds_as(status).ok()?;
        Some(format!("refunds begin as {status}"))
    }

    fn dispute(&self) -> Option<String> {
        let payment = self.paid_payment()?;
        let (amount, inquiry) = (self.amount_of(&payment), self.core.chance(300));
        let (now, id) = (self.core.vendor_ms(), text(&payment, "id"));
        let opened = self.system.vendors.world().stripe.open_dispute(now, &id, amount, inquiry).ok()?;
        Some(format!("{} of {id} is disputed, inquiry: {inquiry}", opened["amount"]))
    }

    fn go_on_with_dispute(&self) -> Option<String> {
        let status = |dispute: &Value| text(dispute, "status");
        let open = |dispute: &Value| status(dispute).ends_with("needs_response");
        let dispute = self.one_of("disputes", open)?;
        let (now, id) = (self.core.vendor_ms(), text(&dispute, "id"));
        let stripe = &mut self.system.vendors.world().stripe;
        if status(&dispute) != "warning_needs_response" {
            let outcome = *self.core.pick(&["won", "won", "lost"]);
            return stripe.close_dispute(now, &id, outcome).ok().map(|_| format!("{id} is {outcome}"));
        }
        if self.core.chance(500) {
            return stripe.escalate_dispute(now, &id).ok().map(|_| format!("{id} is escalated"));
        }
        stripe.close_dispute(now, &id, "warning_closed").ok().map(|_| format!("the inquiry {id} is closed"))
    }

    fn detach_card(&self) -> Option<String> {
        let card = self.one_of("payment_methods", |card| !card["customer"].is_null())?;
        let path = format!("/v1/payment_methods/{}/detach", text(&card, "id"));
        self.call(&path, "").then(|| "a saved card is taken away".to_owned())
    }

    /// Another application at the same account sells something.
    fn foreign_sale(&self) -> Option<String> {
        let sale = "amount=7700&currency=usd&confirm=true&payment_method=pm_card_visa\
             &return_url=https://other.example";
        self.call("/v1/payment_intents", sale).then(|| "another application sells".to_owned())
    }

    fn call(&self, path: &str, form: &str) -> bool {
        let request = sandbox::Request {
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: vec![("authorization".to_owned(), format!("Bearer {SECRET_KEY}"))],
            body: bytes::Bytes::copy_from_slice(form.as_bytes()),
        };
        let stripe: &mut Stripe = &mut self.system.vendors.world().stripe;
        stripe.handle(self.core.vendor_ms(), &request).status == 200
    }

    pub(crate) fn subscribe(&mut self, organization: &str) {
        let subscriptions = self.people.owner(organization).subscriptions.clone();
        let line = if !subscriptions.is_empty() && self.core.chance(750) {
            let id = self.core.pick(&subscriptions).clone();
            self.go_on_with_subscription(&id)
        } else if self.core.chance(100) {
            let stranger = self.begin_subscription(STRANGER, json!({}));
            self.people.owner(organization).subscriptions.push(stranger);
            Some("a stranger subscribes".to_owned())
        } else {
            let metadata = json!({"organization_id": organization});
            let id = self.begin_subscription(&format!("cus_before_{organization}"), metadata);
            self.people.owner(organization).subscriptions.push(id);
            Some(format!("{organization} subscribes"))
        };
        if let Some(line) = line {
            self.core.tell(&line);
        }
    }

    fn begin_subscription(&self, customer: &str, metadata: Value) -> String {
        let new = NewSubscription {
            customer: customer.to_owned(),
            amount_cents: *self.core.pick(&[4_900, 9_900, 49_900]),
            metadata,
            trial: self.core.chance(200),
        };
        let (subscription, _) = self.system.vendors.world().stripe.subscribe(self.core.vendor_ms(), new);
        text(&subscription, "id")
    }

    fn go_on_with_subscription(&self, id: &str) -> Option<String> {
        let now = self.core.vendor_ms();
        let mut world = self.system.vendors.world();
        let stripe = &mut world.stripe;
        match self.core.below(20) {
            // what is owed is paid sooner or later, so that people can go on
            0..=6 => {
                let invoices = stripe.objects("invoices");
                let is_open = |invoice: &&&Value| {
                    invoice["status"] == "open"
                        && invoice["parent"]["subscription_details"]["subscription"] == id
                };
                let open = text(invoices.iter().rev().find(is_open)?, "id");
                stripe.pay_open_invoice(now, &open).ok().map(|_| format!("{open} is paid after all"))
            }
            7 => {
                let reason = *self.core.pick(&["subscription_update", "manual", "subscription_threshold"]);
                let made = stripe.invoice_extra(now, id, reason, self.core.between(0, 3_000));
                made.ok().map(|_| format!("{id} has an invoice of {reason}"))
            }
            8 => {
                let status = *self.core.pick(&["unpaid", "active", "active", "paused"]);
                stripe.set_subscription_status(now, id, status).ok().map(|_| format!("{id} is {status}"))
            }
            9 if self.core.chance(300) => {
                stripe.cancel_subscription(now, id).ok().map(|_| format!("{id} is canceled"))
            }
            _ => {
                let paid = self.core.chance(850);
                stripe.cycle(now, id, None, paid).map(|_| format!("{id} cycles: {paid}"))
            }
        }
    }

    /// Before the end: what cannot stay as it is at Stripe ends, some of it at once and some of it after hours;
    /// disputes and pending refunds may stay open.
    pub(crate) fn wind_down(&mut self) {
        let now = self.core.now_ms();
        for charge in self.processing() {
            let hours = *self.core.pick(&[0, 0, 1, 8, 26]);
            self.later.push((now + hours * 3_600_000, charge, self.core.chance(700)));
        }
        for _ in 0..self.core.between(0, 4) {
            let line = if self.core.chance(500) { self.go_on_with_dispute() } else { self.settle_refund() };
            self.core.tell(&format!("at the end: {line:?}"));
        }
    }

    fn processing(&self) -> Vec<String> {
        let world = self.system.vendors.world();
        let intents = world.stripe.objects("payment_intents").into_iter();
        intents.filter(|intent| intent["status"] == "processing").map(|one| text(one, "id")).collect()
    }

    /// Ends the delayed payments whose time has come; one that has begun since is given an hour.
    pub(crate) fn end_what_was_delayed(&mut self) {
        let now = self.core.now_ms();
        for intent in self.processing() {
            if !self.later.iter().any(|(_, known, _)| *known == intent) {
                self.later.push((now + 3_600_000, intent, true));
            }
        }
        let (due, later) = std::mem::take(&mut self.later).into_iter().partition(|(at, ..)| *at <= now);
        self.later = later;
        let due: Vec<(i64, String, bool)> = due;
        for (_, intent, well) in due {
            let now = self.core.vendor_ms();
            let stripe = &mut self.system.vendors.world().stripe;
            let sessions = stripe.objects("sessions");
            let session = sessions.iter().find(|session| session["payment_intent"] == intent.as_str());
            match session.map(|session| text(session, "id")) {
                Some(session) => drop(stripe.complete_delayed(now, &session, well)),
                None => drop(stripe.settle_intent(now, &intent, well)),
            }
        }
    }
}

fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}
