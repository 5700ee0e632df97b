//! What comes to the functions on its own: webhooks, messages, the turns of the schedules; late, twice, out of
//! order, or never.

use crate::invoke::{API_LIMIT, TOP_UP_LIMIT, WORKER_LIMIT, subject_of};
use crate::queues::Message;
use crate::simulation::{Job, Simulation};

/// Stripe tries a webhook for three days (docs.stripe.com/webhooks, "Automatic retries").
const TRIED_MS: i64 = 3 * 86_400_000;

/// A webhook that Stripe has not been answered 200 for.
pub(crate) struct Waiting {
    pub(crate) id: u64,
    pub(crate) body: bytes::Bytes,
    pub(crate) kind: String,
    pub(crate) since_ms: i64,
}

impl Simulation {
    pub(crate) fn collect_webhooks(&mut self) {
        let now = self.core.vendor_ms();
        let mut world = self.system.vendors.world();
        for outgoing in world.stripe.due_webhooks(now) {
            world.stripe.webhook_result(now, outgoing.id, true);
            self.next_webhook += 1;
            let event: serde_json::Value = serde_json::from_slice(&outgoing.body).expect("an event");
            let kind = event["type"].as_str().unwrap_or_default().to_owned();
            let (id, since_ms) = (self.next_webhook, self.core.now_ms());
            self.webhooks.push(Waiting { id, body: outgoing.body, kind, since_ms });
        }
        drop(world);
        let gives_up_at = self.core.now_ms() - TRIED_MS;
        let tried = self.webhooks.len();
        self.webhooks.retain(|waiting| waiting.since_ms > gives_up_at);
        for _ in self.webhooks.len()..tried {
            self.core.injected("Stripe: a webhook is given up after three days");
        }
    }

    pub(crate) fn deliver_webhook(&mut self) {
        self.collect_webhooks();
        if self.webhooks.is_empty() {
            return;
        }
        // Some events say nothing that others do not: what tells of money is drawn more often.
        let telling = |waiting: &Waiting| {
            let kinds = ["checkout.", "invoice.pa", "refund.", "charge.dispute.", "customer.subscription."];
            kinds.iter().any(|kind| waiting.kind.starts_with(kind))
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
        if self.core.chance(60) && self.core.weather().slow > 0 {
            self.core.tell(&format!("webhook {} never comes", self.webhooks[at].kind));
            self.webhooks.remove(at);
            return self.core.injected("Stripe: a webhook is dropped for good");
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
        self.receive(visible[at]);
    }

    /// SQS delivers what kills its functions as soon as it is seen again, until it gives it up.
    pub(crate) fn deliver_cursed(&mut self) {
        for id in self.system.queues.visible() {
            if self.cursed.contains(&id) {
                self.receive(id);
            }
        }
    }

    fn receive(&mut self, id: u64) {
        let Some(message) = self.system.queues.receive(id) else { return };
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
        let limit = if message.queue == "top-up" { TOP_UP_LIMIT } else { WORKER_LIMIT };
        if self.cursed.contains(&message.id) && !message.queue.starts_with("dead-") {
            self.system.queues.reveal_after(message.id, 60_000);
            self.tasks.start_doomed(Job::Message(message.id), subject, limit, work);
        } else {
            self.tasks.start(Job::Message(message.id), subject, limit, work);
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

    /// A turn of recovery; some are cut short.
    pub(crate) fn recover(&mut self) {
        let hurried = self.core.weather().slow > 0 && self.core.chance(200);
        let work = if hurried {
            self.core.injected("recovery is cut short by time");
            self.system.recover_hurried(u32::try_from(self.core.between(0, 12)).unwrap_or(0))
        } else {
            self.system.recover()
        };
        self.core.tell(&format!("recovery's turn, hurried: {hurried}"));
        self.tasks.start(Job::Recover, None, WORKER_LIMIT, work);
    }

    /// Whatever Stripe gave up on: it is there for thirty days, and comes again.
    pub(crate) fn deliver_every_webhook_again(&mut self) {
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
}
