//! One quiet world, in which exactly what a scenario asks for happens.

use crate::calls::{Ask, Endpoint};
use crate::invoke::{API_LIMIT, Brought, WORKER_LIMIT, subject_of};
use crate::people::Owner;
use crate::plan::{Plan, Planned};
use crate::queues::Message;
use crate::simulation::{Job, Simulation};
use crate::tasks::{Ended, Work};
use crate::weather::Weather;
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;
use terms::{OrganizationId, Timestamp};

pub const ORGANIZATION: &str = "org_alder";

/// Too little for a worker to go on, and enough to hand over.
const LITTLE_TIME: Duration = Duration::from_secs(20);

/// One invocation of one function, which can be delivered again as it was.
#[derive(Debug, Clone)]
pub enum Act {
    Ask(Ask),
    Webhook(Bytes),
    Message(Message),
    /// A message whose function has little time left.
    Hurried(Message),
    Dead(Message),
    Sweep,
    Recover,
    Close,
}

/// A world without weather.
pub struct Stage {
    pub sim: Simulation,
    keys: u32,
    responses: Vec<(u16, Value)>,
}

impl Stage {
    /// A world in which nothing has happened.
    pub fn new() -> Self {
        let sim = Simulation::new(4, true);
        sim.core.set_weather(Weather::default());
        Self { sim, keys: 0, responses: Vec::new() }
    }

    /// The first broken invariant, as an error.
    pub fn sound(&self) -> Result<(), String> {
        let broken = self.sim.core.all_broken();
        if broken.is_empty() { Ok(()) } else { Err(broken.join("; ")) }
    }

    pub fn owner(&mut self) -> &mut Owner {
        self.sim.people.owner(ORGANIZATION)
    }

    /// Carries out an act; whether whoever sent it is done with it.
    pub async fn perform(&mut self, act: &Act) -> bool {
        let system = std::rc::Rc::clone(&self.sim.system);
        match act {
            Act::Ask(ask) => {
                let work = system.ask(ask);
                self.finish(Job::Ask(ask.clone()), API_LIMIT, work).await;
                self.responses.last().is_some_and(|(status, _)| *status < 500)
            }
            Act::Webhook(body) => {
                let id = self.sim.webhooks.iter().find(|waiting| waiting.body == *body);
                let id = id.map_or(0, |waiting| waiting.id);
                let work = system.deliver_webhook(body, self.sim.core.vendor_ms() / 1_000);
                self.finish(Job::Webhook(id), API_LIMIT, work).await;
                self.responses.last().is_some_and(|(status, _)| *status == 200)
            }
            Act::Message(message) => {
                let work = system.deliver(message);
                self.work(message, work).await
            }
            Act::Hurried(message) => {
                let work = system.deliver_within(message, LITTLE_TIME);
                self.work(message, work).await
            }
            Act::Dead(message) => {
                let message = Message { queue: format!("dead-{}", message.queue), ..message.clone() };
                let work = system.deliver(&message);
                self.work(&message, work).await
            }
            Act::Sweep => {
                let work = system.sweep();
                self.finish(Job::Sweep, WORKER_LIMIT, work).await
            }
            Act::Recover => {
                let work = system.recover();
                self.finish(Job::Recover, WORKER_LIMIT, work).await
            }
            Act::Close => {
                let work = system.close_month();
                self.finish(Job::Close, WORKER_LIMIT, work).await
            }
        }
    }

    async fn work(&mut self, message: &Message, work: Work<Brought>) -> bool {
        let subject = subject_of(message).filter(|_| !message.queue.starts_with("dead-"));
        self.sim.tasks.start(Job::Message(message.id), subject, WORKER_LIMIT, work);
        self.end_all().await
    }

    async fn finish(&mut self, job: Job, limit: Duration, work: Work<Brought>) -> bool {
        self.sim.tasks.start(job, None, limit, work);
        self.end_all().await
    }

    async fn end_all(&mut self) -> bool {
        self.responses.clear();
        let mut done = true;
        for (job, end) in self.sim.tasks.run(u32::MAX, true).await {
            match &end {
                Ended::With(Brought::Answer(status, body)) => self.responses.push((*status, body.clone())),
                Ended::With(Brought::Done(well)) => done &= well,
                Ended::Died | Ended::OutOfTime | Ended::Panicked => done = false,
            }
            self.sim.take_one(job, end);
        }
        self.sim.checks.touched(&self.sim.core, &self.sim.system);
        done
    }

    pub fn asks(&mut self, endpoint: Endpoint, id: Option<String>, body: &str) -> Ask {
        self.keys += 1;
        let (organization, key) = (ORGANIZATION.to_owned(), Some(format!("key-{}", self.keys)));
        Ask { organization, role: "owner", endpoint, key, id, body: body.to_owned() }
    }

    /// A call of the API that needs no key.
    pub fn looks(&mut self, endpoint: Endpoint, id: Option<String>, body: &str) -> Ask {
        Ask { key: None, ..self.asks(endpoint, id, body) }
    }

    pub async fn recorded_at(&self, seq: u64) -> Timestamp {
        let organization = OrganizationId::parse(ORGANIZATION).expect("an organization id");
        let entry = self.sim.system.ledger.entry(&organization, seq).await.expect("an entry can be read");
        entry.expect("it stands").recorded_at
    }

    pub async fn ask(&mut self, endpoint: Endpoint, id: Option<String>, body: &str) -> Value {
        let mut ask = self.asks(endpoint, id, body);
        ask.key = ask.key.filter(|_| endpoint != Endpoint::Count);
        assert!(self.perform(&Act::Ask(ask)).await, "{endpoint:?} is answered");
        let (status, body) = self.responses.pop().expect("an answer");
        assert!(status < 300, "{endpoint:?}: {status} {body}");
        body
    }

    pub async fn settle_down(&mut self) {
        self.sim.deliver_all().await;
    }

    /// Orders credits and pays; its webhook waits.
    pub async fn order_and_pay(&mut self, amount: &str, delayed: bool) -> String {
        let session = self.order(amount).await;
        let now = self.sim.core.vendor_ms();
        let paid = self.sim.system.vendors.world().stripe.pay_session(now, &session, delayed);
        paid.expect("an open session");
        session
    }

    pub async fn order(&mut self, amount: &str) -> String {
        let body = self.ask(Endpoint::BuyCredits, None, &format!("{{\"amount\":{amount}}}")).await;
        body["sessionId"].as_str().expect("a session").to_owned()
    }

    pub async fn buy_credits(&mut self, amount: &str) {
        self.order_and_pay(amount, false).await;
        self.settle_down().await;
    }

    /// The first event of this type that waits.
    pub fn event(&mut self, kind: &str) -> Act {
        self.sim.collect_webhooks();
        let waiting = self.sim.webhooks.iter().find(|waiting| waiting.kind == kind);
        Act::Webhook(waiting.unwrap_or_else(|| panic!("{kind} waits")).body.clone())
    }

    pub fn message(&self, queue: &str) -> Message {
        self.sim.system.queues.first_of(queue).unwrap_or_else(|| panic!("a message waits in {queue}"))
    }

    pub fn lose_messages(&self) {
        self.sim.system.queues.lose_all();
    }

    pub async fn order_contacts(&mut self, contacts: u32) -> Value {
        let body =
            json!({"filters": {"states": ["FL"]}, "maxContacts": contacts, "audienceName": "Neighbours"});
        self.ask(Endpoint::Purchase, None, &body.to_string()).await
    }

    /// Buys credits and contacts; their list stands.
    pub async fn list(&mut self, contacts: u32) -> String {
        self.buy_credits("500").await;
        self.order_contacts(contacts).await;
        self.settle_down().await;
        crate::answers::lists(&self.sim.system, ORGANIZATION).pop().expect("a list")
    }

    pub fn campaign_of(list: &str, artwork: &str) -> String {
        let artwork = match artwork {
            "html" => json!({"kind": "html", "front": "<p>Spring</p>", "back": "<p>Sale</p>"}),
            kind => json!({"kind": kind}),
        };
        json!({"name": "Spring", "recipientListId": list, "size": "6x4", "artwork": artwork}).to_string()
    }

    pub async fn campaign(&mut self, contacts: u32, artwork: &str) -> String {
        let list = self.list(contacts).await;
        let body = self.ask(Endpoint::Campaign, None, &Self::campaign_of(&list, artwork)).await;
        self.sim.upload(ORGANIZATION);
        body["campaignId"].as_str().expect("an id").to_owned()
    }

    pub async fn job(&mut self, contacts: u32, artwork: &str) -> String {
        let campaign = self.campaign(contacts, artwork).await;
        self.ask(Endpoint::Print, Some(campaign.clone()), "").await;
        campaign
    }

    /// Everything that was uploaded is gone.
    pub fn remove_artwork(&self) {
        self.sim.system.objects.remove_below("content", "artwork/");
    }

    /// A print job whose batches wait.
    pub async fn batches(&mut self, contacts: u32, artwork: &str) {
        self.job(contacts, artwork).await;
        let plan = Act::Message(self.message("plan"));
        assert!(self.perform(&plan).await, "the job is planned");
    }

    /// The act's process dies at the first call of this name.
    pub async fn die_at(&mut self, act: &Act, call: &str, fault: Planned) {
        self.meet(act, Plan { call: call.to_owned(), occurrence: 1, fault, lasting: false }).await;
    }

    pub async fn meet_lastingly(&mut self, act: &Act, call: &str, fault: Planned) {
        self.meet(act, Plan { call: call.to_owned(), occurrence: 1, fault, lasting: true }).await;
    }

    async fn meet(&mut self, act: &Act, plan: Plan) {
        let call = plan.call.clone();
        self.sim.core.watch(Some(plan));
        self.perform(act).await;
        assert!(self.sim.core.unwatch().struck() > 0, "{call} is called");
    }
}
