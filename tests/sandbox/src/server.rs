//! The port: reads a request, asks the world, writes the answer. Nothing of a vendor is decided here.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http;
use axum::response::{IntoResponse, Response as HttpResponse};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::delivery;
use crate::line::{CuttableListener, Line};
use crate::message::{Request, Response};
use crate::world::{Config, World};

/// Bodies above this are refused with 413.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// A handle to the vendors' state, shared by the port, the webhook deliveries and tests in the same process.
#[derive(Clone, Debug)]
pub struct Sandbox {
    world: Arc<Mutex<World>>,
    work: Arc<Notify>,
}

impl Sandbox {
    pub fn new(config: Config) -> Self {
        Self { world: Arc::new(Mutex::new(World::new(&config))), work: Arc::default() }
    }

    /// The state, for as long as the guard lives. Never hold it across an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves until `stop` resolves, and delivers webhooks meanwhile.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let deliveries = tokio::spawn(delivery::run(self.clone()));
        let service =
            Router::new().fallback(answer).with_state(self).into_make_service_with_connect_info::<Line>();
        let served = axum::serve(CuttableListener(listener), service).with_graceful_shutdown(stop).await;
        deliveries.abort();
        served
    }

    /// Tells the deliveries that something may be due earlier than they believe.
    pub(crate) fn poke(&self) {
        self.work.notify_one();
    }

    /// Resolves after the next [`Self::poke`].
    pub(crate) async fn poked(&self) {
        self.work.notified().await;
    }
}

/// Serves a fresh world on this listener for ever: what a test needs.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    let public_url = format!("http://{}", listener.local_addr()?);
    Sandbox::new(Config { seed: 1, public_url }).serve(listener, std::future::pending()).await
}

/// Unix time in milliseconds.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

async fn answer(
    State(sandbox): State<Sandbox>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: http::Request<Body>,
) -> HttpResponse {
    let Some(request) = read(request).await else {
        return http::StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let reply = sandbox.world().handle(now_ms(), &request);
    sandbox.poke();
    if reply.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
    }
    if reply.dropped {
        line.cut();
    }
    write(reply.response)
}

async fn read(request: http::Request<Body>) -> Option<Request> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Some(Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: to_bytes(body, MAX_BODY_BYTES).await.ok()?,
    })
}

fn write(response: Response) -> HttpResponse {
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    match builder.body(Body::from(response.body)) {
        Ok(response) => response,
        Err(error) => {
            (http::StatusCode::INTERNAL_SERVER_ERROR, format!("not an answer: {error}")).into_response()
        }
    }
}
