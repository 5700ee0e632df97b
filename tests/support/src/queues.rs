//! A recorder of queue messages: what was sent, in order, for tests to deliver once, twice, late or never.

use crate::AWS_URL;
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

#[derive(Debug, Default)]
struct State {
    sent: Vec<(String, Value)>,
    failures: u32,
}

/// Takes messages as SQS's `SendMessage` and `SendMessageBatch` do; delivery is the test's.
#[derive(Debug, Clone, Default)]
pub struct Queues(Arc<Mutex<State>>);

impl Queues {
    /// The address of the queue of this name.
    #[must_use]
    pub fn url(name: &str) -> String {
        format!("{AWS_URL}/000000000000/{name}")
    }

    /// Takes out all messages of a queue, oldest first.
    #[must_use]
    pub fn take(&self, name: &str) -> Vec<Value> {
        let mut state = self.0.lock().expect("no panic while held");
        let (taken, left) = std::mem::take(&mut state.sent).into_iter().partition(|(queue, _)| queue == name);
        state.sent = left;
        let taken: Vec<(String, Value)> = taken;
        taken.into_iter().map(|(_, body)| body).collect()
    }

    /// The next requests fail before SQS sees them.
    pub fn fail_next(&self, requests: u32) {
        self.0.lock().expect("no panic while held").failures = requests;
    }
}

impl HttpConnector for Queues {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.0.lock().expect("no panic while held");
        if state.failures > 0 {
            state.failures -= 1;
            return HttpConnectorFuture::ready(Err(ConnectorError::io("a planned fault".into())));
        }
        let body: Value = request
            .body()
            .bytes()
            .and_then(|bytes| serde_json::from_slice(bytes).ok())
            .expect("the SDK speaks JSON to SQS");
        let url = body["QueueUrl"].as_str().unwrap_or_default();
        let queue = url.rsplit('/').next().unwrap_or_default().to_owned();
        let message = |text: &Value| {
            serde_json::from_str(text.as_str().unwrap_or_default()).expect("our messages are JSON")
        };
        let answer = if let Some(entries) = body["Entries"].as_array() {
            state.sent.extend(entries.iter().map(|entry| (queue.clone(), message(&entry["MessageBody"]))));
            let done: Vec<Value> = entries
                .iter()
                .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0"}))
                .collect();
            json!({"Successful": done, "Failed": []})
        } else {
            state.sent.push((queue, message(&body["MessageBody"])));
            json!({"MessageId": "m", "MD5OfMessageBody": "0"})
        };
        let status = StatusCode::try_from(200).expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(answer.to_string()))))
    }
}
