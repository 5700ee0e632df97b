//! What scenarios about credits need: payments, refunds and disputes at Stripe, saved cards, what owners and
//! finance asked.

use super::stage::{Act, ORGANIZATION, Stage};
use crate::calls::{Ask, Endpoint};
use sandbox::stripe::{CardBehaviour, NewSubscription, Stripe};
use serde_json::{Value, json};

pub const CUSTOMER: &str = "cus_before_org_alder";

/// A version of Stripe's API from before the present shapes.
const ANOTHER_VERSION: &str = "2024-06-20";

impl Stage {
    pub fn at_stripe<T>(&self, happens: impl FnOnce(&mut Stripe, u64) -> T) -> T {
        let now = self.sim.core.vendor_ms();
        happens(&mut self.sim.system.vendors.world().stripe, now)
    }

    pub fn latest(&self, kind: &str) -> String {
        self.at_stripe(|stripe, _| {
            let objects = stripe.objects(kind);
            objects.last().and_then(|one| one["id"].as_str()).expect("there is one").to_owned()
        })
    }

    pub fn payment(&self) -> String {
        self.at_stripe(|stripe, _| {
            let paid = stripe.objects("payment_intents");
            let paid = paid.iter().rfind(|payment| payment["status"] == "succeeded").expect("a payment");
            paid["id"].as_str().expect("an id").to_owned()
        })
    }

    /// A person refunds so many cents of the latest payment in the Dashboard.
    pub fn refund(&self, cents: i64, status: &str) -> String {
        let payment = self.payment();
        let made =
            self.at_stripe(|stripe, now| stripe.refund_by_dashboard(now, &payment, Some(cents), status));
        made.expect("a refund")["id"].as_str().expect("an id").to_owned()
    }

    /// The bank disputes so many cents of the latest payment.
    pub fn dispute(&self, cents: i64) -> String {
        let payment = self.payment();
        let opened = self.at_stripe(|stripe, now| stripe.open_dispute(now, &payment, Some(cents), false));
        opened.expect("a dispute")["id"].as_str().expect("an id").to_owned()
    }

    /// The card's bank warns of the latest payment; the warning's id.
    pub fn warn_of_fraud(&self) -> String {
        let payment = self.payment();
        let warned = self.at_stripe(|stripe, now| stripe.warn_of_fraud(now, &payment, "misc"));
        warned.expect("a warning")["id"].as_str().expect("an id").to_owned()
    }

    /// From now on Stripe lists and delivers events as a version renders them that is not ours.
    pub fn render_in_another_version(&self) {
        let mut receiver = sandbox::stripe::Endpoint::new("http://receiver");
        receiver.types = stripe_client::event::TYPES.iter().map(|kind| (*kind).to_owned()).collect();
        receiver.api_version = None;
        self.at_stripe(|stripe, _| {
            stripe.set_account_version(Some(ANOTHER_VERSION));
            stripe.set_webhook_endpoint(Some(receiver));
        });
    }

    /// A subscription of the organization, or of a customer that nobody knows.
    pub fn subscribe(&self, known: bool) -> String {
        let (customer, metadata) = match known {
            true => (CUSTOMER, json!({"organization_id": ORGANIZATION})),
            false => (crate::stripe_life::STRANGER, json!({})),
        };
        let new =
            NewSubscription { customer: customer.to_owned(), amount_cents: 9_900, metadata, trial: false };
        let (subscription, _) = self.at_stripe(|stripe, now| stripe.subscribe(now, new));
        subscription["id"].as_str().expect("an id").to_owned()
    }

    pub fn cycle(&self, subscription: &str, paid: bool) -> String {
        let cycled = self.at_stripe(|stripe, now| stripe.cycle(now, subscription, None, paid));
        cycled.expect("it lives").1["id"].as_str().expect("an id").to_owned()
    }

    /// The webhooks so far never come.
    pub fn lose_webhooks(&mut self) {
        self.sim.collect_webhooks();
        self.sim.webhooks.clear();
    }

    /// The same, and Stripe no longer lists it.
    pub fn lose_events(&mut self) {
        self.lose_webhooks();
        let now = self.sim.core.now().as_seconds();
        self.at_stripe(|stripe, _| stripe.expire_events_before(now + 1));
    }

    pub async fn save_card(&mut self, amount: &str) {
        let body = format!("{{\"amount\":{amount},\"saveCard\":true}}");
        let session = self.ask(Endpoint::BuyCredits, None, &body).await;
        let session = session["sessionId"].as_str().expect("a session").to_owned();
        self.at_stripe(|stripe, now| stripe.pay_session(now, &session, false)).expect("it is paid");
        self.settle_down().await;
    }

    pub fn card_behaves(&self, name: &str) {
        let behaviour = CardBehaviour::parse(name).expect("a behaviour");
        self.at_stripe(|stripe, _| {
            let customers: Vec<String> = stripe
                .objects("customers")
                .iter()
                .filter_map(|customer| customer["id"].as_str().map(str::to_owned))
                .collect();
            for customer in customers {
                stripe.set_card_behaviour(&customer, behaviour);
            }
        });
    }

    pub fn top_up_body(cap: &str) -> String {
        json!({"enabled": true, "threshold": "200", "target": "300", "monthlyCap": cap}).to_string()
    }

    /// Switches auto top-up on; the crossing that this finds waits for the sweeper.
    pub async fn switch_on_top_up(&mut self, cap: &str) {
        let mut ask = self.looks(Endpoint::SetTopUp, None, &Self::top_up_body(cap));
        let cap = money::Money::parse(cap).expect("an amount");
        self.sim.checks.cap_asked(ORGANIZATION, &self.sim.core, cap);
        ask.key = None;
        assert!(self.perform(&Act::Ask(ask)).await, "it is set");
    }

    /// The same, passed on by the sweeper: auto top-up's message waits.
    pub async fn run_low(&mut self, cap: &str) -> Act {
        self.switch_on_top_up(cap).await;
        assert!(self.perform(&Act::Sweep).await, "the crossing is passed on");
        Act::Message(self.message("top-up"))
    }

    pub fn finance(&mut self, endpoint: Endpoint, id: Option<String>, body: &Value) -> Ask {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        Ask { role: "finance", ..self.looks(endpoint, id, &text) }
    }

    /// Buys credits and asks for a part of them back; the request's id.
    pub async fn refund_request(&mut self) -> String {
        let order = self.paid_order().await;
        let body = json!({"orderId": order, "amount": "20", "reason": "too many"}).to_string();
        let asked = self.ask(Endpoint::AskRefund, None, &body).await;
        asked["refundId"].as_str().expect("an id").to_owned()
    }

    /// Buys credits; the order's id.
    pub async fn paid_order(&mut self) -> String {
        self.buy_credits("50").await;
        let orders =
            self.sim.system.dynamo.items("work", &format!("ORG#{ORGANIZATION}"), ("ORDER#", "ORDER#~"));
        orders[0]["orderId"]["S"].as_str().expect("an order").to_owned()
    }

    pub fn decision(&mut self, request: &str, approve: bool) -> Act {
        let body = json!({"organizationId": ORGANIZATION, "approve": approve, "reason": "as asked"});
        Act::Ask(self.finance(Endpoint::DecideRefund, Some(request.to_owned()), &body))
    }

    pub fn resolution(&mut self, invoice: &str, grant: Option<&str>) -> Act {
        let mut body =
            json!({"object": invoice, "quarantine": "organization-unknown", "reason": "looked into"});
        if let Some(amount) = grant {
            body["grant"] = json!(amount);
            body["organizationId"] = json!(ORGANIZATION);
            body["newOrganization"] = json!(true);
            self.sim.people.resolved.push((invoice.to_owned(), amount.to_owned()));
        }
        Act::Ask(self.finance(Endpoint::Resolve, None, &body))
    }
}
