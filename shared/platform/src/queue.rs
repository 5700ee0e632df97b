//! Work queues: sending messages, and handling them one by one.
//!
//! A message is only the fast path: a record with a due time says what must happen, so a message that is lost or
//! comes twice does no harm. Does not know what messages mean.

use crate::{Deadline, Environment, Services, StartFailure, start};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures::FutureExt;
use lambda_runtime::LambdaEvent;
use serde::{Serialize, de::DeserializeOwned};
use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Duration;
use terms::Failing;

/// How many messages SQS takes in one call.
const SEND_CHUNK: usize = 10;
/// How often messages that SQS refused within a call are sent again.
const SEND_ATTEMPTS: usize = 3;
/// The longest delay of SQS.
const DELAY_MAX: Duration = Duration::from_secs(900);
/// With less time left, no further message of a batch is begun.
const RESERVE: Duration = Duration::from_secs(1);

/// Why messages could not be sent. Some of them may have been.
#[derive(Debug, thiserror::Error)]
pub enum QueueFailure {
    #[error("a message could not be written as JSON")]
    Encode(#[source] serde_json::Error),
    /// SQS refused it or did not respond.
    #[error("a message could not be sent")]
    Send(#[source] Box<aws_sdk_sqs::Error>),
    /// SQS accepted the call, but refused some of its messages in every attempt.
    #[error("{count} messages were refused by the queue, the first with {code}")]
    Refused {
        count: usize,
        /// SQS's code for the reason.
        code: String,
    },
}

impl Failing for QueueFailure {
    fn meaning(&self) -> terms::Meaning {
        terms::Meaning::TryAgain
    }
}

#[derive(Debug, Clone)]
pub struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl Queue {
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    /// Sent as JSON. After a failure the message may have been sent all the same.
    pub async fn send(&self, message: &impl Serialize) -> Result<(), QueueFailure> {
        self.send_after(message, Duration::ZERO).await
    }

    /// Delivered after a delay of whole seconds, at most 15 minutes. After a failure the message may have been sent
    /// all the same.
    pub async fn send_after(&self, message: &impl Serialize, delay: Duration) -> Result<(), QueueFailure> {
        let body = serde_json::to_string(message).map_err(QueueFailure::Encode)?;
        let mut call = self.client.send_message().queue_url(&self.url).message_body(body);
        let seconds = i32::try_from(delay.min(DELAY_MAX).as_secs()).unwrap_or(0);
        if seconds > 0 {
            call = call.delay_seconds(seconds);
        }
        call.send().await.map(|_| ()).map_err(|error| QueueFailure::Send(Box::new(error.into())))
    }

    /// Sends ten messages per call. After a failure some messages may have been sent all the same.
    pub async fn send_all<M: Serialize>(&self, messages: &[M]) -> Result<(), QueueFailure> {
        for chunk in messages.chunks(SEND_CHUNK) {
            let bodies: Result<Vec<String>, _> = chunk.iter().map(serde_json::to_string).collect();
            self.send_chunk(bodies.map_err(QueueFailure::Encode)?).await?;
        }
        Ok(())
    }

    async fn send_chunk(&self, mut bodies: Vec<String>) -> Result<(), QueueFailure> {
        let mut code = String::new();
        for _ in 0..SEND_ATTEMPTS {
            let entries = bodies.iter().enumerate().filter_map(|(index, body)| {
                let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body);
                entry.build().ok()
            });
            let call =
                self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries.collect()));
            let answer = call.send().await.map_err(|error| QueueFailure::Send(Box::new(error.into())))?;
            let refused = answer.failed();
            let Some(first) = refused.first() else { return Ok(()) };
            first.code().clone_into(&mut code);
            let refused: Vec<&str> = refused.iter().map(|entry| entry.id()).collect();
            let mut index = 0_usize;
            bodies.retain(|_| {
                let again = refused.contains(&index.to_string().as_str());
                index = index.saturating_add(1);
                again
            });
        }
        Err(QueueFailure::Refused { count: bodies.len(), code })
    }
}

/// Starts a worker and serves its queue until the process ends; all that its `main` does.
pub async fn serve<S, M, E, H, F>(
    connect: impl AsyncFnOnce(&Services, &Environment) -> Result<S, StartFailure>,
    handle: H,
) -> ExitCode
where
    S: 'static,
    M: DeserializeOwned,
    E: Failing + 'static,
    H: Fn(&'static S, M, Deadline) -> F,
    F: Future<Output = Result<(), E>>,
{
    start::run(connect, async |state| {
        let handler = &|message, deadline| handle(state, message, deadline);
        let service = move |event: LambdaEvent<SqsEvent>| async move {
            let deadline = Deadline::of(&event.context);
            Ok::<_, Infallible>(run_batch(event.payload, deadline, handler).await)
        };
        lambda_runtime::run(lambda_runtime::service_fn(service)).await
    })
    .await
}

/// Handles a batch, one message after the other, and returns those that must come again.
///
/// A message comes again when its handler fails or panics, when its body is not an `M`, or when no time is left to
/// begin it. The queue's event source must have `ReportBatchItemFailures`. A handler returns `Ok` where repeating
/// would not help.
pub async fn run_batch<M, E, H, F>(event: SqsEvent, deadline: Deadline, handler: &H) -> SqsBatchResponse
where
    M: DeserializeOwned,
    E: Failing + 'static,
    H: Fn(M, Deadline) -> F,
    F: Future<Output = Result<(), E>>,
{
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        // a message without an id cannot be returned: Lambda takes an empty id as failure of the whole batch
        let id = message.message_id.clone().unwrap_or_default();
        if !run_one(&id, &message, deadline, handler).await {
            response.add_failure(id);
        }
    }
    response
}

/// Whether the message is handled.
async fn run_one<M, E, H, F>(id: &str, message: &SqsMessage, deadline: Deadline, handler: &H) -> bool
where
    M: DeserializeOwned,
    E: Failing + 'static,
    H: Fn(M, Deadline) -> F,
    F: Future<Output = Result<(), E>>,
{
    if !deadline.has(RESERVE) {
        tracing::warn!(message_id = id, "time is up before the message was begun");
        return false;
    }
    let Ok(decoded) = serde_json::from_str::<M>(message.body.as_deref().unwrap_or_default()) else {
        // without the parser's message, which quotes the text
        tracing::error!(message_id = id, "the message is not one of this queue");
        return false;
    };
    // the async block makes the call of the handler itself part of what is caught
    match AssertUnwindSafe(async { handler(decoded, deadline).await }).catch_unwind().await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            crate::log::failing(&format!("the message {id} failed"), &error);
            false
        }
        Err(_) => {
            tracing::error!(message_id = id, "the handler panicked");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::sync::Mutex;

    #[derive(Deserialize)]
    struct Numbered {
        number: u32,
    }

    fn batch(bodies: impl IntoIterator<Item = String>) -> SqsEvent {
        let records = bodies.into_iter().enumerate().map(|(index, body)| {
            serde_json::json!({"messageId": format!("m{}", index + 1), "body": body, "attributes": {},
                "messageAttributes": {}})
        });
        serde_json::from_value(serde_json::json!({"Records": records.collect::<Vec<_>>()})).unwrap()
    }

    fn ten() -> SqsEvent {
        batch((1..=10).map(|number| format!(r#"{{"number":{number}}}"#)))
    }

    fn failed(response: &SqsBatchResponse) -> Vec<&str> {
        response.batch_item_failures.iter().map(|item| item.item_identifier.as_str()).collect()
    }

    #[derive(Debug, thiserror::Error)]
    #[error("broken")]
    struct Broken;

    impl Failing for Broken {
        fn meaning(&self) -> terms::Meaning {
            terms::Meaning::TryAgain
        }
    }

    type Fault = fn(u32) -> Result<(), Broken>;

    async fn run(event: SqsEvent, left: Duration, bad: Fault) -> (Vec<u32>, SqsBatchResponse) {
        let seen = Mutex::new(Vec::new());
        let handler = |message: Numbered, _| {
            seen.lock().unwrap().push(message.number);
            async move { bad(message.number) }
        };
        let response = run_batch(event, Deadline::after(left), &handler).await;
        (seen.into_inner().unwrap(), response)
    }

    #[tokio::test]
    async fn a_panic_in_message_3_of_10_returns_exactly_that_message() {
        let bad = |number| if number == 3 { panic!("poison") } else { Ok(()) };
        let (seen, response) = run(ten(), Duration::from_secs(60), bad).await;
        assert_eq!(seen, (1..=10).collect::<Vec<_>>());
        assert_eq!(failed(&response), ["m3"]);
        let json = serde_json::to_value(&response).unwrap();
        assert_eq!(json, serde_json::json!({"batchItemFailures": [{"itemIdentifier": "m3"}]}));
    }

    #[tokio::test]
    async fn a_panic_before_the_future_is_caught_too() {
        let handler = |message: Numbered, _| -> std::future::Ready<Result<(), Broken>> {
            assert_ne!(message.number, 3, "poison");
            std::future::ready(Ok(()))
        };
        let response = run_batch(ten(), Deadline::after(Duration::from_secs(60)), &handler).await;
        assert_eq!(failed(&response), ["m3"]);
    }

    #[tokio::test]
    async fn failures_and_undecodable_bodies_fail_alone() {
        let bodies =
            [r#"{"number":1}"#, "not json", r#"{"number":3}"#, "", r#"{"number":"x"}"#, r#"{"number":6}"#];
        let bad = |number| if number == 6 { Err(Broken) } else { Ok(()) };
        let (seen, response) = run(batch(bodies.map(String::from)), Duration::from_secs(60), bad).await;
        assert_eq!(seen, [1, 3, 6]);
        assert_eq!(failed(&response), ["m2", "m4", "m5", "m6"]);
    }

    #[tokio::test]
    async fn a_batch_without_faults_returns_nothing_and_one_without_time_begins_nothing() {
        let (_, response) = run(ten(), Duration::from_secs(60), |_| Ok(())).await;
        assert!(response.batch_item_failures.is_empty());
        let (seen, response) = run(ten(), Duration::ZERO, |_| Ok(())).await;
        assert_eq!((seen.len(), failed(&response).len()), (0, 10));
    }
}
