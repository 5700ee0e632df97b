//! SQS: at least once, in any order, with delays, visibility and dead letters.
//!
//! Owns the messages; which one is delivered when is the simulation's.

use crate::core::Core;
use crate::permissions;
use crate::plan::Planned;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Receives before a message goes to the dead-letter queue (template.yaml).
pub const RECEIVES_MAX: u32 = 5;
/// How long a received message is hidden, in milliseconds (template.yaml).
pub const VISIBILITY_MS: i64 = 1_800_000;
/// The same of auto top-up's queue, whose dead letters nobody reads: recovery goes on.
pub const TOP_UP_VISIBILITY_MS: i64 = 720_000;
/// How long a queue keeps a message, in milliseconds (template.yaml).
pub const RETENTION_MS: i64 = 14 * 86_400_000;

/// As the functions' clients are configured (platform's `start`).
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
pub struct Message {
    pub id: u64,
    pub queue: String,
    pub body: String,
    pub visible_ms: i64,
    pub sent_ms: i64,
    pub received: u32,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    messages: Vec<Message>,
}

#[derive(Debug, Clone)]
pub struct Queues {
    core: Core,
    state: Arc<Mutex<State>>,
}

impl Queues {
    #[must_use]
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone(), state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every message that may be received now.
    #[must_use]
    pub fn visible(&self) -> Vec<u64> {
        let now = self.core.now_ms();
        let mut state = self.state();
        state.messages.retain(|message| now < message.sent_ms + RETENTION_MS);
        state.messages.iter().filter(|message| message.visible_ms <= now).map(|message| message.id).collect()
    }

    #[must_use]
    pub fn next_visible_ms(&self) -> Option<i64> {
        self.state().messages.iter().map(|message| message.visible_ms).min()
    }

    /// Receives a message; one that was received too often moves to the dead-letter queue instead.
    #[must_use]
    pub fn receive(&self, id: u64) -> Option<Message> {
        let now = self.core.now_ms();
        let mut state = self.state();
        let message = state.messages.iter_mut().find(|message| message.id == id)?;
        message.received += 1;
        if message.received > RECEIVES_MAX && !message.queue.starts_with("dead-") {
            message.queue = format!("dead-{}", message.queue);
            message.received = 0;
            message.visible_ms = now;
            self.core.injected("SQS: a message becomes a dead letter");
            state.messages.retain(|message| message.queue != "dead-top-up");
            return None;
        }
        let is_top_up = message.queue == "top-up";
        message.visible_ms = now + if is_top_up { TOP_UP_VISIBILITY_MS } else { VISIBILITY_MS };
        Some(message.clone())
    }

    /// Lets a message be seen again after this time.
    pub fn reveal_after(&self, id: u64, pause_ms: i64) {
        let at = self.core.now_ms() + pause_ms;
        if let Some(message) = self.state().messages.iter_mut().find(|message| message.id == id) {
            message.visible_ms = at;
        }
    }

    pub fn delete(&self, id: u64) {
        self.state().messages.retain(|message| message.id != id);
    }

    /// The oldest message of a queue, whether it may be received or not.
    #[must_use]
    pub fn first_of(&self, queue: &str) -> Option<Message> {
        self.state().messages.iter().find(|message| message.queue == queue).cloned()
    }

    pub fn lose_all(&self) {
        self.state().messages.clear();
    }

    fn draw(&self) -> Option<Planned> {
        let core = &self.core;
        if !core.chance(core.weather().sqs) {
            return None;
        }
        let (name, drawn) = if core.chance(500) {
            ("SQS: sent, and the answer is lost", Planned::FailsAfter)
        } else {
            ("SQS: no connection", Planned::FailsBefore)
        };
        core.injected(name);
        Some(drawn)
    }

    fn take(&self, request: &HttpRequest) -> String {
        let body: Value = request
            .body()
            .bytes()
            .and_then(|bytes| serde_json::from_slice(bytes).ok())
            .expect("the SDK speaks JSON to SQS");
        let url = body["QueueUrl"].as_str().unwrap_or_default();
        let queue = url.rsplit('/').next().unwrap_or_default().to_owned();
        let Some(entries) = body["Entries"].as_array() else {
            self.send(&queue, &body);
            return json!({"MessageId": "m", "MD5OfMessageBody": "0"}).to_string();
        };
        for entry in entries {
            self.send(&queue, entry);
        }
        let done: Vec<Value> = entries
            .iter()
            .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0"}))
            .collect();
        json!({"Successful": done, "Failed": []}).to_string()
    }

    fn send(&self, queue: &str, entry: &Value) {
        let now = self.core.now_ms();
        let delay_ms = entry["DelaySeconds"].as_i64().unwrap_or(0) * 1_000;
        let mut state = self.state();
        state.next += 1;
        let message = Message {
            id: state.next,
            queue: queue.to_owned(),
            body: entry["MessageBody"].as_str().unwrap_or_default().to_owned(),
            visible_ms: now + delay_ms,
            sent_ms: now,
            received: 0,
        };
        state.messages.push(message);
    }
}

/// As SQS refuses what comes too fast.
const THROTTLED: &str = r#"{"__type": "com.amazonaws.sqs#RequestThrottled", "message": "slower"}"#;

fn said(status: u16, body: String) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).expect("a status"), SdkBody::from(body))
}

fn call_name(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let body: Value =
        request.body().bytes().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    let queue = body["QueueUrl"].as_str().unwrap_or_default();
    format!(
        "SQS {} {}",
        target.rsplit('.').next().unwrap_or_default(),
        queue.rsplit('/').next().unwrap_or_default()
    )
}

impl HttpConnector for Queues {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let queues = self.clone();
        HttpConnectorFuture::new(async move {
            let core = &queues.core;
            let call = call_name(&request);
            let queue = call.rsplit(' ').next().unwrap_or_default();
            core.note_permissions(vec![permissions::of_sqs(queue)]);
            let planned = core.reach(&call).await;
            match planned.or_else(|| queues.draw()) {
                Some(Planned::FailsBefore) => return Err(ConnectorError::io("no connection".into())),
                Some(Planned::Throttled | Planned::Conflict) => return Ok(said(400, THROTTLED.to_owned())),
                Some(Planned::FailsAfter) => {
                    queues.take(&request);
                    return Err(ConnectorError::io("the answer is lost".into()));
                }
                Some(Planned::TimesOut) => {
                    queues.take(&request);
                    tokio::time::sleep(ATTEMPT_TIMEOUT).await;
                    return Err(ConnectorError::timeout("the attempt took too long".into()));
                }
                Some(Planned::Twice) => drop(queues.take(&request)),
                Some(Planned::DiesBefore | Planned::DiesAfter) | None => {}
            }
            let answer = queues.take(&request);
            core.effected(planned).await;
            Ok(said(200, answer))
        })
    }
}
