//! One run: step by step, something happens; then the faults stop and everything must reach its end.

use crate::acts::weather;
use crate::answers;
use crate::checks::Checks;
use crate::core::Core;
use crate::people::People;
use crate::queues::Message;
use crate::system::{API_LIMIT, Ask, Brought, System, WORKER_LIMIT, subject_of};
use crate::tasks::{Ended, Tasks};
use crate::weather::Weather;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

/// After the faults stop, everything has ended within so much virtual time.
pub const LIVENESS_HOURS: i64 = 100;

/// Without faults, everything that can be done at one time is done after so many deliveries in a row.
const ROUNDS_MAX: u32 = 200;

/// How many functions run at once at most.
const AT_ONCE: usize = 10;

/// What an invocation is for.
#[derive(Debug, Clone)]
pub enum Job {
    /// A call of the API.
    Ask(Ask),
    /// A message.
    Message(u64),
    /// A webhook of Stripe's, by its place in what waits.
    Webhook(u64),
    /// The sweeper's turn.
    Sweep,
    /// The month's close.
    Close,
}

/// A webhook that Stripe has not been answered 200 for.
pub(crate) struct Waiting {
    pub(crate) id: u64,
    pub(crate) body: bytes::Bytes,
    pub(crate) kind: String,
}

/// One run.
pub struct Simulation {
    /// Dice, time and weather.
    pub core: Core,
    /// The product.
    pub system: Rc<System>,
    pub(crate) people: People,
    pub(crate) tasks: Tasks<Job, Brought>,
    pub(crate) webhooks: Vec<Waiting>,
    pub(crate) next_webhook: u64,
    pub(crate) checks: Checks,
    pub(crate) closed_month: String,
    /// Messages whose every delivery dies, until the faults stop.
    pub(crate) cursed: BTreeSet<u64>,
}

impl Simulation {
    /// A run of this seed that has not begun.
    #[must_use]
    pub fn new(seed: u64, trace: bool) -> Self {
        fastrand::seed(seed);
        let starts =
            ["2026-11-22T08:00:00Z", "2026-11-30T21:30:00Z", "2026-12-31T23:40:00Z", "2027-02-27T12:00:00Z"];
        let at = starts[usize::try_from(seed % 4).expect("small")];
        let core = Core::new(seed, at, trace);
        let system = Rc::new(System::new(&core, seed));
        let tasks = Tasks::new(core.clone());
        let checks = Checks::default();
        core.set_weather(weather(&core));
        let people = People::new();
        let closed_month = at[..7].to_owned();
        Self {
            core,
            system,
            people,
            tasks,
            webhooks: Vec::new(),
            next_webhook: 0,
            checks,
            closed_month,
            cursed: BTreeSet::new(),
        }
    }

    /// One step: an act, some of what follows, and the checks of what it touched.
    pub async fn step(&mut self, number: u64) {
        self.act(number).await;
        let all = self.core.chance(650) || self.tasks.len() >= AT_ONCE;
        let polls = if all { u32::MAX } else { u32::try_from(self.core.between(1, 40)).unwrap_or(1) };
        let ended = self.tasks.run(polls, all).await;
        self.take(ended);
        self.collect_webhooks();
        self.checks.touched(&self.core, &self.system);
    }

    pub(crate) fn ask(&mut self, ask: Ask) {
        self.core.tell(&format!("{} asks {:?} {:?} {}", ask.organization, ask.endpoint, ask.key, ask.body));
        let work = self.system.ask(&ask);
        self.tasks.start(Job::Ask(ask), None, API_LIMIT, work);
    }

    pub(crate) fn collect_webhooks(&mut self) {
        let now = self.core.vendor_ms();
        let mut world = self.system.vendors.world();
        for outgoing in world.stripe.due_webhooks(now) {
            world.stripe.webhook_result(now, outgoing.id, true);
            self.next_webhook += 1;
            let event: serde_json::Value = serde_json::from_slice(&outgoing.body).expect("an event");
            let kind = event["type"].as_str().unwrap_or_default().to_owned();
            self.webhooks.push(Waiting { id: self.next_webhook, body: outgoing.body, kind });
        }
    }

    pub(crate) fn deliver_webhook(&mut self) {
        self.collect_webhooks();
        if self.webhooks.is_empty() {
            return;
        }
        // Most events say nothing about money: those that do are drawn more often.
        let telling = |waiting: &Waiting| {
            waiting.kind.starts_with("checkout.") || waiting.kind.starts_with("invoice.pa")
        };
        let tells: Vec<usize> = (0..self.webhooks.len()).filter(|at| telling(&self.webhooks[*at])).collect();
        let any = tells.is_empty() || self.core.chance(300);
        let at = if any { self.core.below(self.webhooks.len()) } else { *self.core.pick(&tells) };
        if at > 0 {
            self.core.injected("Stripe: a webhook out of order");
        }
        if self.core.chance(80) && self.core.weather().slow > 0 {
            return self.core.injected("Stripe: a webhook is lost and comes again");
        }
        let times = if self.core.chance(150) { 2 } else { 1 };
        if times > 1 {
            self.core.injected("Stripe: a webhook twice");
        }
        for _ in 0..times {
            self.start_webhook(at);
        }
    }

    pub(crate) fn start_webhook(&mut self, at: usize) {
        let waiting = &self.webhooks[at];
        self.core.tell(&format!("webhook {}", waiting.kind));
        let work = self.system.deliver_webhook(&waiting.body, self.core.vendor_ms() / 1_000);
        self.tasks.start(Job::Webhook(waiting.id), None, API_LIMIT, work);
    }

    pub(crate) fn deliver_message(&mut self) {
        let visible = self.system.queues.visible();
        if visible.is_empty() {
            return;
        }
        let at = self.core.below(visible.len());
        if at > 0 {
            self.core.injected("SQS: a message out of order");
        }
        let Some(message) = self.system.queues.receive(visible[at]) else { return };
        if message.received > 1 {
            self.core.injected("SQS: a message comes again");
        } else if self.core.chance(self.core.weather().deaths / 5) && !message.queue.starts_with("dead-") {
            self.core.injected("a message kills every function that takes it");
            self.cursed.insert(message.id);
        }
        self.start_message(&message);
        if self.core.chance(150) {
            self.core.injected("SQS: two deliveries of one message at once");
            self.start_message(&message);
        }
    }

    pub(crate) fn start_message(&mut self, message: &Message) {
        self.core.tell(&format!("message {} {}", message.queue, message.id));
        let subject = subject_of(message).filter(|_| !message.queue.starts_with("dead-"));
        let work = self.system.deliver(message);
        if self.cursed.contains(&message.id) && !message.queue.starts_with("dead-") {
            self.system.queues.reveal_after(message.id, 60_000);
            self.tasks.start_doomed(Job::Message(message.id), subject, WORKER_LIMIT, work);
        } else {
            self.tasks.start(Job::Message(message.id), subject, WORKER_LIMIT, work);
        }
    }

    pub(crate) fn sweep(&mut self) {
        self.core.tell("the sweeper's turn");
        let work = self.system.sweep();
        self.tasks.start(Job::Sweep, None, WORKER_LIMIT, work);
        let month = self.core.now().to_string()[..7].to_owned();
        if month != self.closed_month {
            let work = self.system.close_month();
            self.tasks.start(Job::Close, None, WORKER_LIMIT, work);
        }
    }

    /// Turns virtual time. What still runs after its limit is stopped, as Lambda stops it.
    pub(crate) async fn advance(&mut self, seconds: i64) {
        self.core.tell(&format!("{seconds} s pass"));
        tokio::time::advance(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))).await;
        let over = self.tasks.stop_overdue();
        self.take(over);
    }

    pub(crate) fn take(&mut self, ended: Vec<(Job, Ended<Brought>)>) {
        for (job, end) in ended {
            self.take_one(job, end);
        }
    }

    pub(crate) fn take_one(&mut self, job: Job, end: Ended<Brought>) {
        match &end {
            Ended::Panicked => self.core.broken(format!("{job:?} panicked")),
            Ended::OutOfTime => self.core.injected("a function is stopped at its time-out"),
            Ended::Died | Ended::With(_) => {}
        }
        match (job, end) {
            (Job::Ask(ask), Ended::With(Brought::Answer(status, body))) => {
                self.core
                    .tell(&format!("{} {:?} -> {status} {}", ask.organization, ask.endpoint, body["code"]));
                answers::take(&self.core, &self.system, &mut self.people, &ask, status, &body);
            }
            (Job::Message(id), Ended::With(Brought::Done(done))) => {
                self.core.tell(&format!("message {id} done {done}"));
                if done && !self.core.chance(self.core.weather().slow / 2) {
                    self.system.queues.delete(id);
                } else if done {
                    self.core.injected("SQS: a delete is lost");
                }
            }
            (Job::Webhook(id), Ended::With(Brought::Answer(status, _))) => {
                self.core.tell(&format!("webhook {id} -> {status}"));
                if !matches!(status, 200 | 503) {
                    self.core.broken(format!("a webhook was answered {status}"));
                }
                if status == 200 {
                    self.webhooks.retain(|waiting| waiting.id != id);
                }
            }
            (Job::Close, Ended::With(Brought::Done(true))) => {
                self.closed_month = self.core.now().to_string()[..7].to_owned();
            }
            _ => {}
        }
    }

    /// The faults stop. Everything must end within [`LIVENESS_HOURS`], and then everything is checked.
    pub async fn finish(&mut self) {
        self.core.set_weather(Weather::default());
        self.core.bring_back();
        self.cursed.clear();
        self.core.tell("the faults stop");
        let ended = self.tasks.run(u32::MAX, true).await;
        self.take(ended);
        self.deliver_every_webhook_again();
        let until = self.core.now_ms() + LIVENESS_HOURS * 3_600_000;
        loop {
            self.work_off().await;
            if !self.core.all_broken().is_empty() {
                return;
            }
            if self.webhooks.is_empty() && self.checks.open_work(&self.system).is_empty() {
                break;
            }
            if self.core.now_ms() > until {
                let open = self.checks.open_work(&self.system);
                self.core.broken(format!(
                    "after {LIVENESS_HOURS} h without faults these have not ended: {open:?}"
                ));
                return;
            }
            let next = self.checks.next_due_ms(&self.system, self.core.now_ms());
            let wait = next.map_or(60, |next| (next - self.core.now_ms()) / 1_000 + 1).clamp(60, 1_800);
            self.advance(wait).await;
        }
        self.checks.everything(&self.core, &self.system).await;
    }

    /// What the run came to.
    #[must_use]
    pub fn summary(&self) -> crate::Summary {
        let mut reached: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
        let mut reach = |what: String| *reached.entry(what).or_default() += 1;
        let records = support::records::Records::of(&self.system.dynamo);
        for entry in records.entries() {
            reach(format!("entry {}", entry["kind"]));
        }
        for (prefix, name) in [("PURCHASE#", "purchase"), ("JOB#", "print job"), ("ORDER#", "order")] {
            for record in records.kind(prefix) {
                reach(format!(
                    "{name} {} {} {}",
                    record["environment"], record["status"], record["endReason"]
                ));
            }
        }
        for quarantined in records.kind("OBJECT#") {
            reach(format!("quarantined {} {}", quarantined["reason"], quarantined["eventType"]));
        }
        let cards = self.system.vendors.world().postgrid.counters(true)["cardsCreated"].as_u64().unwrap_or(0);
        crate::Summary { injected: self.core.totals(), digest: self.core.digest(), reached, cards }
    }

    /// Whatever Stripe gave up on: it is there for thirty days, and comes again.
    fn deliver_every_webhook_again(&mut self) {
        let now = self.core.vendor_ms();
        let mut world = self.system.vendors.world();
        let events: Vec<String> = world
            .stripe
            .all_events()
            .iter()
            .filter(|event| event["type"].as_str().is_some_and(|kind| kind.starts_with("checkout.")))
            .map(|event| event["id"].as_str().unwrap_or_default().to_owned())
            .collect();
        for event in events {
            if self.core.chance(200) {
                world.stripe.deliver_again(now, &event, 1);
            }
        }
    }

    /// Delivers webhooks and messages, and sweeps once, until nothing more can be done at this time.
    pub(crate) async fn work_off(&mut self) {
        self.sweep();
        for _ in 0..ROUNDS_MAX {
            self.collect_webhooks();
            for at in 0..self.webhooks.len().min(AT_ONCE) {
                self.start_webhook(at);
            }
            for id in self.system.queues.visible() {
                if let Some(message) = self.system.queues.receive(id) {
                    self.start_message(&message);
                }
            }
            if self.tasks.is_empty() {
                return;
            }
            let ended = self.tasks.run(u32::MAX, true).await;
            self.take(ended);
            self.checks.touched(&self.core, &self.system);
        }
        self.core.broken("messages go round and round without an end");
    }
}
