//! One run: step by step, something happens; then the faults stop and everything must reach its end.

use crate::answers;
use crate::checks::Checks;
use crate::core::{Away, Core, Weather};
use crate::people::{ORGANIZATIONS, People};
use crate::queues::Message;
use crate::system::{API_LIMIT, Ask, Brought, System, WORKER_LIMIT, subject_of};
use crate::tasks::{Ended, Tasks};
use sandbox::stripe::NewSubscription;
use serde_json::json;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;
use terms::Timestamp;

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
struct Waiting {
    id: u64,
    body: bytes::Bytes,
    kind: String,
}

/// One run.
pub struct Simulation {
    /// Dice, time and weather.
    pub core: Core,
    /// The product.
    pub system: Rc<System>,
    people: People,
    tasks: Tasks<Job, Brought>,
    webhooks: Vec<Waiting>,
    next_webhook: u64,
    checks: Checks,
    closed_month: String,
    /// Messages whose every delivery dies, until the faults stop.
    cursed: BTreeSet<u64>,
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

    async fn act(&mut self, number: u64) {
        let organization = *self.core.pick(&ORGANIZATIONS);
        // Money first: an empty account can do little.
        let draw = match number {
            0..=14 => *self.core.pick(&[0, 0, 6, 6, 15, 81, 81]),
            _ => self.core.below(200),
        };
        match draw {
            0..=5 => {
                let ask = self.people.buy_credits(&self.core, organization);
                self.ask(ask);
            }
            6..=12 => self.pay(organization),
            13 | 14 => self.complete_delayed(),
            15..=17 => self.subscribe(organization),
            18..=20 => {
                let ask = self.people.count(&self.core, organization);
                self.ask(ask);
            }
            21..=36 => {
                let ask = self.people.purchase(&self.core, organization);
                self.ask(ask);
            }
            37..=50 => {
                self.people.owner(organization).lists = answers::lists(&self.system, organization);
                if let Some(ask) = self.people.campaign(&self.core, organization) {
                    self.ask(ask);
                }
            }
            51..=58 => self.upload(organization),
            59..=80 => {
                if let Some(ask) = self.people.print(&self.core, organization) {
                    self.ask(ask);
                }
            }
            81..=95 => {
                for _ in 0..self.core.between(1, 3) {
                    self.deliver_webhook();
                }
            }
            96..=138 => {
                for _ in 0..self.core.between(1, 3) {
                    self.deliver_message();
                }
            }
            139..=148 => self.sweep(),
            149..=156 => {
                let ask = self.people.look(&self.core, organization);
                self.ask(ask);
            }
            157..=164 => {
                let other_body = self.core.chance(300);
                if let Some(ask) = self.people.retry(&self.core, other_body) {
                    self.ask(ask);
                }
            }
            165..=166 => {
                let ask = self.people.finance(&self.core);
                self.ask(ask);
            }
            167..=187 => self.pass_time().await,
            188..=198 => self.change_weather(),
            _ => self.send_away(),
        }
    }

    fn ask(&mut self, ask: Ask) {
        self.core.tell(&format!("{} asks {:?} {:?} {}", ask.organization, ask.endpoint, ask.key, ask.body));
        let work = self.system.ask(&ask);
        self.tasks.start(Job::Ask(ask), None, API_LIMIT, work);
    }

    fn pay(&mut self, organization: &str) {
        let sessions = &self.people.owner(organization).sessions;
        let recent = &sessions[sessions.len().saturating_sub(4)..];
        let Some(session) = (!recent.is_empty()).then(|| self.core.pick(recent).clone()) else { return };
        let now = self.core.vendor_ms();
        let stripe = &mut self.system.vendors.world().stripe;
        let what = match self.core.below(20) {
            0 => stripe.expire_by_hand(now, &session).is_ok().then_some("expires"),
            1..=5 => stripe.pay_session(now, &session, true).is_ok().then_some("is paid later"),
            _ => stripe.pay_session(now, &session, false).is_ok().then_some("is paid"),
        };
        if let Some(what) = what {
            self.core.tell(&format!("a session of {organization} {what}"));
        }
    }

    fn complete_delayed(&mut self) {
        let all: Vec<String> =
            self.people.owners.values().flat_map(|owner| owner.sessions.iter().cloned()).collect();
        let (now, well) = (self.core.vendor_ms(), self.core.chance(800));
        let stripe = &mut self.system.vendors.world().stripe;
        for session in all {
            if self.core.chance(300) && stripe.complete_delayed(now, &session, well).is_ok() {
                self.core.tell(&format!("a delayed payment ends: {well}"));
            }
        }
    }

    fn subscribe(&mut self, organization: &str) {
        let (now, core) = (self.core.vendor_ms(), self.core.clone());
        let owner = self.people.owner(organization);
        let mut world = self.system.vendors.world();
        if !owner.subscriptions.is_empty() && core.chance(700) {
            let id = core.pick(&owner.subscriptions).clone();
            let paid = core.chance(850);
            world.stripe.cycle(now, &id, None, paid);
            return core.tell(&format!("{organization}'s subscription cycles: {paid}"));
        }
        let (subscription, _) = world.stripe.subscribe(
            now,
            NewSubscription {
                customer: format!("cus_before_{organization}"),
                amount_cents: *core.pick(&[4_900, 9_900, 49_900]),
                metadata: json!({"organization_id": organization}),
                trial: core.chance(200),
            },
        );
        owner.subscriptions.push(subscription["id"].as_str().expect("an id").to_owned());
        core.tell(&format!("{organization} subscribes"));
    }

    fn upload(&mut self, organization: &str) {
        const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";
        let system = Rc::clone(&self.system);
        let owner = self.people.owner(organization);
        let Some(campaign) = owner.campaigns.iter_mut().rfind(|campaign| !campaign.uploaded) else { return };
        campaign.uploaded = true;
        let prefix = format!("artwork/{organization}/{}", campaign.id);
        if campaign.artwork == "pdf" {
            system.objects.upload("content", &format!("{prefix}/artwork.pdf"), PDF);
            return;
        }
        for person in answers::persons(&system, organization, &campaign.list) {
            system.objects.upload("content", &format!("{prefix}/{person}.pdf"), PDF);
        }
    }

    fn collect_webhooks(&mut self) {
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

    fn deliver_webhook(&mut self) {
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

    fn start_webhook(&mut self, at: usize) {
        let waiting = &self.webhooks[at];
        self.core.tell(&format!("webhook {}", waiting.kind));
        let work = self.system.deliver_webhook(&waiting.body, self.core.vendor_ms() / 1_000);
        self.tasks.start(Job::Webhook(waiting.id), None, API_LIMIT, work);
    }

    fn deliver_message(&mut self) {
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

    fn start_message(&mut self, message: &Message) {
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

    fn sweep(&mut self) {
        self.core.tell("the sweeper's turn");
        let work = self.system.sweep();
        self.tasks.start(Job::Sweep, None, WORKER_LIMIT, work);
        let month = self.core.now().to_string()[..7].to_owned();
        if month != self.closed_month {
            let work = self.system.close_month();
            self.tasks.start(Job::Close, None, WORKER_LIMIT, work);
        }
    }

    async fn pass_time(&mut self) {
        let now = self.core.now();
        let day = 86_400;
        let past_midnight = day - now.as_seconds().rem_euclid(day);
        let seconds = match self.core.below(80) {
            0..=34 => self.core.between(1, 90),
            35..=50 | 61..=78 => self.core.between(60, 2_400),
            51..=55 => self.core.between(1_800, 4 * 3_600),
            56 => {
                self.core.injected("the clock jumps over the vendors' idempotency windows");
                self.core.between(20 * 3_600, 26 * 3_600)
            }
            57 | 58 => {
                self.core.injected("the clock jumps over midnight");
                past_midnight + self.core.between(0, 5) - 2
            }
            59 => {
                self.core.injected("the clock jumps over a month's end");
                seconds_to_next_month(now) + self.core.between(0, 7 * 3_600) - 2
            }
            60 => {
                self.core.injected("the clock jumps over a lot's expiry");
                self.core.between(8 * day, 10 * day)
            }
            _ => self.core.between(4 * 3_600, 16 * 3_600),
        };
        self.advance(seconds.max(1)).await;
    }

    /// Turns virtual time. What still runs after its limit is stopped, as Lambda stops it.
    async fn advance(&mut self, seconds: i64) {
        self.core.tell(&format!("{seconds} s pass"));
        tokio::time::advance(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))).await;
        let over = self.tasks.stop_overdue();
        self.take(over);
    }

    fn change_weather(&mut self) {
        let weather = weather(&self.core);
        if self.core.chance(300) {
            self.core.injected("vendor: the search does not find the newest cards");
            // beyond the quarter of an hour after which a piece is looked up: then only its key protects it
            let lag_ms = self.core.between(1, 50) * 60_000;
            self.system.vendors.world().postgrid.delay_search(u64::try_from(lag_ms).unwrap_or(0));
        }
        self.core.tell(&format!("weather {weather:?}"));
        self.core.set_weather(weather);
    }

    fn send_away(&mut self) {
        let vendor = self.core.below(3);
        let how = *self.core.pick(&[Away::Unreached, Away::Failing, Away::Unauthorized]);
        let hours = *self.core.pick(&[1, 1, 3, 48]);
        self.core.tell(&format!("vendor {vendor} is away for {hours} h: {how:?}"));
        self.core.send_away(vendor, self.core.now_ms() + hours * 3_600_000, how);
    }

    fn take(&mut self, ended: Vec<(Job, Ended<Brought>)>) {
        for (job, end) in ended {
            self.take_one(job, end);
        }
    }

    fn take_one(&mut self, job: Job, end: Ended<Brought>) {
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
    async fn work_off(&mut self) {
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

fn weather(core: &Core) -> Weather {
    match core.below(5) {
        0 => Weather::default(),
        1 | 2 => storm(core.between(20, 60)),
        3 => storm(core.between(60, 150)),
        _ => Weather { dynamo: 0, sqs: 0, s3: 0, deaths: 0, ..storm(core.between(60, 250)) },
    }
}

fn storm(in_a_thousand: i64) -> Weather {
    let rate = u32::try_from(in_a_thousand).unwrap_or(0);
    Weather {
        dynamo: rate,
        sqs: rate,
        s3: rate,
        vendors: [rate, rate, rate * 2],
        deaths: rate * 4,
        slow: rate,
    }
}

fn seconds_to_next_month(now: Timestamp) -> i64 {
    let text = now.to_string();
    let (year, month): (i64, i64) =
        (text[..4].parse().expect("a year"), text[5..7].parse().expect("a month"));
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let next = Timestamp::parse(&format!("{year:04}-{month:02}-01T00:00:00Z")).expect("a time");
    next.as_seconds() - now.as_seconds()
}
