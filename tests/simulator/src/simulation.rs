//! One run: step by step, something happens; then the faults stop and everything must reach its end.

use crate::acts::weather;
use crate::answers;
use crate::calls::Ask;
use crate::checks::{Checks, open};
use crate::core::Core;
use crate::deliveries::Waiting;
use crate::invoke::{API_LIMIT, Brought};
use crate::people::People;
use crate::system::System;
use crate::tasks::{Ended, Tasks};
use crate::weather::Weather;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

/// After the faults stop, everything has ended within so much virtual time.
pub const LIVENESS_HOURS: i64 = 100;

const DAY_AND_AN_HOUR: i64 = 25 * 3_600;

/// Without faults, everything that can be done at one time is done after so many deliveries in a row.
const ROUNDS_MAX: u32 = 200;

const AT_ONCE: usize = 10;

#[derive(Debug, Clone)]
pub enum Job {
    Ask(Ask),
    Message(u64),
    /// A webhook of Stripe's, by its place in what waits.
    Webhook(u64),
    Sweep,
    Recover,
    Close,
}

pub struct Simulation {
    pub core: Core,
    pub system: Rc<System>,
    pub(crate) people: People,
    pub(crate) tasks: Tasks<Job, Brought>,
    pub(crate) webhooks: Vec<Waiting>,
    pub(crate) next_webhook: u64,
    pub(crate) checks: Checks,
    pub(crate) closed_month: String,
    /// Messages whose every delivery dies, until the faults stop.
    pub(crate) cursed: BTreeSet<u64>,
    /// Delayed payments that end at Stripe at a time near the end: when, which, and whether well.
    pub(crate) later: Vec<(i64, String, bool)>,
}

impl Simulation {
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
            later: Vec::new(),
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
                if !matches!(status, 200 | 429 | 503) {
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
        self.lift_limits();
        self.cursed.clear();
        self.core.tell("the faults stop");
        let ended = self.tasks.run(u32::MAX, true).await;
        self.take(ended);
        self.deliver_every_webhook_again();
        self.resolve_again();
        let mut quiet = self.until_quiet().await;
        let later = open(&self.system, self.core.now_ms()).next_ms;
        if quiet && later.is_some() {
            // what is open at Stripe for long is read again by the day
            self.advance(DAY_AND_AN_HOUR).await;
            quiet = self.until_quiet().await;
        }
        if quiet {
            self.checks.everything(&self.core, &self.system, &self.people).await;
        }
    }

    /// Lets everything come to its end. `false`: something does not.
    async fn until_quiet(&mut self) -> bool {
        let until = self.core.now_ms() + LIVENESS_HOURS * 3_600_000;
        loop {
            self.end_what_was_delayed();
            self.work_off().await;
            if !self.core.all_broken().is_empty() {
                return false;
            }
            let now = self.core.now_ms();
            let (work, open) = (self.checks.open_work(&self.system), open(&self.system, now));
            let money = open.money;
            if self.webhooks.is_empty() && self.later.is_empty() && work.is_empty() && money.is_empty() {
                return true;
            }
            if now > until {
                self.core.broken(format!(
                    "after {LIVENESS_HOURS} h without faults these have not ended: {work:?} {money:?}"
                ));
                return false;
            }
            let next = open.next_ms.map_or(60, |next| (next - now) / 1_000 + 1).clamp(60, 1_800);
            // what only waits for Stripe can wait
            let wait = if work.is_empty() { 18_000 } else { next };
            self.advance(wait).await;
        }
    }

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
                    record["environment"].as_str().or(record["paidBy"].as_str()).unwrap_or_default(),
                    record["status"],
                    record["endReason"]
                ));
            }
        }
        for quarantined in records.kind("OBJECT#") {
            let end = if quarantined["resolution"].is_null() { "open" } else { "resolved" };
            reach(format!("quarantined {} {} {end}", quarantined["reason"], quarantined["eventType"]));
        }
        for ((pk, sk), record) in &records.work {
            let content = &record["told"];
            match sk.split('#').next().unwrap_or_default() {
                _ if pk == "REFUND-REQUESTS" => reach(format!("refund request {}", record["status"])),
                "ALERT" => reach(format!("alert {} {}", content["kind"], content["reason"])),
                "AUTO-TOP-UP" => reach(format!("auto top-up paused {}", record["paused"])),
                "STANDING" => reach(format!("standing {}", record["status"])),
                _ => {}
            }
        }
        let cards = self.system.vendors.world().postgrid.counters(true)["cardsCreated"].as_u64().unwrap_or(0);
        crate::Summary { injected: self.core.totals(), digest: self.core.digest(), reached, cards }
    }

    /// Delivers webhooks and messages, and sweeps once, until nothing more can be done at this time.
    pub(crate) async fn work_off(&mut self) {
        self.sweep();
        self.recover();
        self.deliver_all().await;
    }

    /// The same without the schedules' turns.
    pub(crate) async fn deliver_all(&mut self) {
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
