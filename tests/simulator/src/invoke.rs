//! Invocations: each function's handler on what it is given, as a future that the simulation polls.

use crate::calls::Ask;
use crate::core::Subject;
use crate::queues::Message;
use crate::system::System;
use crate::tasks::Work;
use lambda_runtime::LambdaEvent;
use platform::Deadline;
use serde_json::{Value, json};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};
use suite::functions::Functions;
use suite::gateway::{Call, read};

/// How long a worker may run (template.yaml).
pub const WORKER_LIMIT: Duration = Duration::from_secs(300);
/// How long auto top-up's worker may run (template.yaml).
pub const TOP_UP_LIMIT: Duration = Duration::from_secs(120);
/// How long a function behind the API may run (template.yaml).
pub const API_LIMIT: Duration = Duration::from_secs(29);

/// What an invocation brings.
#[derive(Debug)]
pub enum Brought {
    /// An HTTP answer.
    Answer(u16, Value),
    /// Whether what was delivered is done with.
    Done(bool),
}

impl System {
    /// One call of the API.
    pub fn ask(self: &Rc<Self>, ask: &Ask) -> Work<Brought> {
        let (system, ask) = (Rc::clone(self), ask.clone());
        Box::pin(async move {
            let response = system.functions.call(&Call::from(&ask)).await;
            let (status, body) = read(&response);
            Brought::Answer(status, body)
        })
    }

    /// One delivery of Stripe's, signed now.
    pub fn deliver_webhook(self: &Rc<Self>, body: &[u8], now_seconds: u64) -> Work<Brought> {
        let secrets = [sandbox::stripe::WEBHOOK_SECRET.to_owned()];
        let header = sandbox::stripe::signature_header(&secrets, now_seconds, body);
        let call = Call::new("POST", "/api/stripe/webhook")
            .body(String::from_utf8_lossy(body).into_owned())
            .header("stripe-signature", &header);
        let system = Rc::clone(self);
        Box::pin(async move {
            let response = system.functions.call(&call).await;
            let (status, body) = read(&response);
            Brought::Answer(status, body)
        })
    }

    /// One delivery of a message to the function of its queue.
    pub fn deliver(self: &Rc<Self>, message: &Message) -> Work<Brought> {
        self.deliver_within(message, WORKER_LIMIT)
    }

    /// The same, with so much of the function's time left.
    pub fn deliver_within(self: &Rc<Self>, message: &Message, left: Duration) -> Work<Brought> {
        let (system, message) = (Rc::clone(self), message.clone());
        Box::pin(async move {
            if message.queue.starts_with("dead-") {
                let record = json!({"messageId": "m", "body": message.body, "attributes": {},
                    "messageAttributes": {}});
                let swept = system.functions.sweep(event_of(json!({"Records": [record]}))).await;
                let failed = swept.map(|answer| answer["batchItemFailures"].as_array().map_or(0, Vec::len));
                return Brought::Done(matches!(failed, Ok(0)));
            }
            let deadline = Deadline::after(left);
            Brought::Done(system.functions.deliver(&message.queue, &message.body, deadline).await)
        })
    }

    /// One turn of the schedule that sweeps.
    pub fn sweep(self: &Rc<Self>) -> Work<Brought> {
        let system = Rc::clone(self);
        Box::pin(async move {
            let swept = system.functions.sweep(event_of(json!({}))).await;
            Brought::Done(matches!(swept, Ok(swept) if swept["failed"] == 0))
        })
    }

    /// One turn of the schedule that recovers.
    pub fn recover(self: &Rc<Self>) -> Work<Brought> {
        let system = Rc::clone(self);
        Box::pin(async move {
            let recovered = system.functions.recover(event_of(json!({}))).await;
            Brought::Done(matches!(recovered, Ok(done) if done["failed"] == 0 && done["kept"] == 0))
        })
    }

    /// The same, whose time is over after so many looks and pages.
    pub fn recover_hurried(self: &Rc<Self>, begun_at_most: u32) -> Work<Brought> {
        let system = Rc::clone(self);
        Box::pin(async move {
            let begun = AtomicU32::new(0);
            let go_on = || begun.fetch_add(1, Ordering::SeqCst) < begun_at_most;
            let Functions { services, environment, .. } = &system.functions;
            let (billing, _) = billing::connect(services, environment).await.expect("billing");
            let recovered = billing.recovery.run(&go_on).await;
            Brought::Done(recovered.is_ok())
        })
    }

    /// The schedule that closes the month before.
    pub fn close_month(self: &Rc<Self>) -> Work<Brought> {
        let system = Rc::clone(self);
        Box::pin(async move {
            let closed = system.functions.report(event_of(json!({}))).await;
            Brought::Done(closed.is_ok())
        })
    }
}

/// Whose hold a message's function works under.
#[must_use]
pub fn subject_of(message: &Message) -> Option<Subject> {
    let body: Value = serde_json::from_str(&message.body).ok()?;
    let hold = body["purchaseId"].as_str().or(body["printJobId"].as_str())?;
    Some(Subject { organization: body["organizationId"].as_str()?.to_owned(), hold: hold.to_owned() })
}

/// With the whole of a worker's time left, by the machine's clock, which is how Lambda counts.
fn event_of(payload: Value) -> LambdaEvent<Value> {
    let mut context = lambda_runtime::Context::default();
    let until = SystemTime::now() + WORKER_LIMIT;
    let since = until.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    context.deadline = u64::try_from(since.as_millis()).expect("not that far");
    LambdaEvent::new(payload, context)
}
