//! A tape between a function and everything outside it: records one request's answers, then gives the same
//! answers again, so that what is counted is the function and not the database behind it.

use crate::vendors::{http_over, response};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures::future::BoxFuture;
use reqwest::{Request, Response};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use vendor_http::{Http, HttpFailure, Line};

#[derive(Debug, Clone)]
struct Answer {
    /// Who was asked what: an operation of AWS, or a vendor's path.
    asked: String,
    status: u16,
    body: Bytes,
}

#[derive(Debug, Default)]
struct State {
    answers: Vec<Answer>,
    next: usize,
    playing: bool,
}

/// The tape. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Tape(Arc<Mutex<State>>);

impl Tape {
    /// From here on, what was recorded is given again, from its beginning.
    pub fn rewind(&self) {
        let mut state = self.state();
        state.playing = true;
        state.next = 0;
    }

    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state().answers.iter().map(|answer| answer.asked.clone()).collect()
    }

    /// A service of AWS whose requests go over the tape to `inner`.
    #[must_use]
    pub fn over(&self, inner: impl HttpConnector + 'static) -> impl HttpConnector + 'static {
        Taped { inner: SharedHttpConnector::new(inner), tape: self.clone() }
    }

    /// A client of vendors whose requests go over the tape to `inner`.
    #[must_use]
    pub fn vendor(&self, inner: Arc<dyn Line>) -> Http {
        http_over(Arc::new(TapedLine { inner, tape: self.clone() }))
    }

    fn played(&self, asked: &str) -> Option<Answer> {
        let mut state = self.state();
        if !state.playing {
            return None;
        }
        let answer = state.answers.get(state.next).cloned().expect("no request beyond those recorded");
        assert_eq!(answer.asked, asked, "the same requests in the same order");
        state.next += 1;
        Some(answer)
    }

    fn record(&self, answer: Answer) {
        self.state().answers.push(answer);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client of DynamoDB whose requests this carries.
#[must_use]
pub fn dynamodb_over(connector: impl HttpConnector + 'static) -> aws_sdk_dynamodb::Client {
    let connector = SharedHttpConnector::new(connector);
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    aws_sdk_dynamodb::Client::from_conf(config)
}

#[derive(Debug)]
struct Taped {
    inner: SharedHttpConnector,
    tape: Tape,
}

fn http_response(answer: Answer) -> HttpResponse {
    let status = StatusCode::try_from(answer.status).expect("a status");
    HttpResponse::new(status, SdkBody::from(answer.body))
}

impl HttpConnector for Taped {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        if let Some(answer) = self.tape.played(&asked) {
            return HttpConnectorFuture::ready(Ok(http_response(answer)));
        }
        let (sent, tape) = (self.inner.call(request), self.tape.clone());
        HttpConnectorFuture::new(async move {
            let answer = sent.await?;
            let body = Bytes::copy_from_slice(answer.body().bytes().unwrap_or_default());
            let answer = Answer { asked, status: answer.status().as_u16(), body };
            tape.record(answer.clone());
            Ok(http_response(answer))
        })
    }
}

struct TapedLine {
    inner: Arc<dyn Line>,
    tape: Tape,
}

impl Line for TapedLine {
    fn send(&self, request: Request) -> BoxFuture<'static, Result<Response, HttpFailure>> {
        let asked = format!("{} {}", request.method(), request.url().path());
        if let Some(answer) = self.tape.played(&asked) {
            return Box::pin(async move { Ok(response(answer.status, &[], answer.body)) });
        }
        let (sent, tape) = (self.inner.send(request), self.tape.clone());
        Box::pin(async move {
            let answer = sent.await?;
            let status = answer.status().as_u16();
            let body = answer.bytes().await.map_err(|_| HttpFailure::Lost)?;
            tape.record(Answer { asked, status, body: body.clone() });
            Ok(response(status, &[], body))
        })
    }
}
