//! Vendors that answer in this process, without a socket: the sandboxes, and a printer that takes everything.

use futures::future::BoxFuture;
use reqwest::{Request, Response};
use sandbox::{Config, World};
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use support::TestClock;
use vendor_http::{Http, HttpFailure, Line};

pub const SANDBOX_URL: &str = "http://vendors.in-process";

#[derive(Clone)]
pub struct Vendors {
    world: Arc<Mutex<World>>,
    clock: TestClock,
}

impl Vendors {
    #[must_use]
    pub fn new(clock: TestClock) -> Self {
        let config = Config { seed: 1, public_url: SANDBOX_URL.to_owned() };
        Self { world: Arc::new(Mutex::new(World::new(&config))), clock }
    }

    /// As clients of vendors are given it.
    #[must_use]
    pub fn http(&self) -> Http {
        http_over(Arc::new(self.clone()))
    }

    #[must_use]
    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let request = sandbox::Request::new(method, &format!("/sandbox/{path}")).with_body(text);
        self.ask(&request).value()
    }

    fn ask(&self, request: &sandbox::Request) -> sandbox::Response {
        let now_ms = u64::try_from(self.clock.now().as_ms()).expect("after 1970");
        self.world().handle(now_ms, request).response
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line for Vendors {
    fn send(&self, request: Request) -> BoxFuture<'static, Result<Response, HttpFailure>> {
        let headers = request.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let asked = sandbox::Request {
            method: request.method().to_string(),
            path: request.url().path().to_owned(),
            query: request.url().query().unwrap_or_default().to_owned(),
            headers: headers.collect(),
            body: body_of(&request),
        };
        let answer = self.ask(&asked);
        Box::pin(async move { Ok(response(answer.status, &answer.headers, answer.body)) })
    }
}

/// PostGrid as a printer that accepts every card at once.
#[derive(Default)]
pub struct Printer {
    cards: AtomicU64,
}

impl Printer {
    #[must_use]
    pub fn cards(&self) -> u64 {
        self.cards.load(Ordering::SeqCst)
    }
}

impl Line for Printer {
    fn send(&self, _: Request) -> BoxFuture<'static, Result<Response, HttpFailure>> {
        let card = self.cards.fetch_add(1, Ordering::SeqCst);
        let body = json!({"id": format!("postcard_{card:024}"), "object": "postcard", "live": true,
            "status": "ready", "metadata": {}});
        Box::pin(async move { Ok(response(201, &[], body.to_string())) })
    }
}

/// A client whose requests this line carries.
#[must_use]
pub fn http_over(line: Arc<dyn Line>) -> Http {
    Http::over(platform::vendor_client().expect("a client"), line)
}

fn body_of(request: &Request) -> bytes::Bytes {
    let body = request.body().and_then(reqwest::Body::as_bytes);
    bytes::Bytes::copy_from_slice(body.unwrap_or_default())
}

/// An answer as reqwest gives it.
#[must_use]
pub fn response(status: u16, headers: &[(String, String)], body: impl Into<reqwest::Body>) -> Response {
    let mut builder = http::Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    Response::from(builder.body(body.into()).expect("an answer"))
}
