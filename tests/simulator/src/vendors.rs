//! The lines to Stripe, Data Axle and PostGrid: the sandbox's state machines, and what goes wrong on the way.
//!
//! Every call that a vendor bills is checked here: the hold that covers it must be open at that moment.

use crate::core::Core;
use crate::permissions;
use crate::plan::Planned;
use crate::weather::Away;
use futures::future::BoxFuture;
use reqwest::Response;
use sandbox::{Fault, FaultKind, Request, Vendor, World};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use support::Dynamo;
use vendor_http::{HttpFailure, Line};

pub const HOST: &str = "http://vendors.simulated.localhost";

#[derive(Clone)]
pub struct Vendors {
    core: Core,
    dynamo: Dynamo,
    world: Arc<Mutex<World>>,
    /// Contacts of the live token in answers that reached whoever asked.
    contacts_seen: Arc<AtomicU64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawn {
    Well,
    NotReached,
    Status(u16),
    StatusAfter(u16),
    Lost,
    Late,
    Truncated,
    ScanDies,
    Never,
    Twice,
}

impl Vendors {
    #[must_use]
    pub fn new(core: &Core, dynamo: &Dynamo, seed: u64) -> Self {
        let config = sandbox::Config { seed, public_url: HOST.to_owned() };
        let world = Arc::new(Mutex::new(World::new(&config)));
        Self { core: core.clone(), dynamo: dynamo.clone(), world, contacts_seen: Arc::default() }
    }

    /// How many live contacts arrived. The vendor delivered more where an answer was lost.
    #[must_use]
    pub fn contacts_seen(&self) -> u64 {
        self.contacts_seen.load(Ordering::SeqCst)
    }

    fn contacts_delivered(&self) -> u64 {
        self.world().data_axle.counters(true)["contactsDelivered"].as_u64().unwrap_or(0)
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self, at: usize, request: &Request) -> Drawn {
        if let Some(away) = self.core.away(at) {
            self.core.injected("a vendor is away for long");
            return match away {
                Away::Unreached => Drawn::NotReached,
                Away::Failing => Drawn::Status(503),
                Away::Unauthorized => Drawn::Status(401),
                Away::Forbidden => Drawn::Status(403),
            };
        }
        let trouble = self.core.weather().vendors[at];
        if trouble > 0 && request.path.contains("/people/scan/") && self.core.chance(250) {
            self.core.injected("vendor: a scan dies");
            return Drawn::ScanDies;
        }
        if trouble > 0
            && request.method == "POST"
            && let Some(drawn) = self.draw_for_money(&request.path)
        {
            return drawn;
        }
        if !self.core.chance(trouble) {
            return Drawn::Well;
        }
        let of_contacts = at == 1 && !request.path.ends_with("/people/scan");
        let (name, drawn) = match self.core.below(if of_contacts { 8 } else { 7 }) {
            0 => ("vendor: 429", Drawn::Status(429)),
            1 => ("vendor: 5xx", Drawn::Status(*self.core.pick(&[500, 502, 503]))),
            2 => ("vendor: 5xx after the effect", Drawn::StatusAfter(*self.core.pick(&[500, 503, 504]))),
            3 if self.core.chance(500) => ("vendor: 403", Drawn::Status(403)),
            3 => ("vendor: 401", Drawn::Status(401)),
            4 => ("vendor: not reached", Drawn::NotReached),
            5 => ("vendor: the answer is lost", Drawn::Lost),
            6 => ("vendor: slow, perhaps beyond the time-out", Drawn::Late),
            _ => ("vendor: a truncated page", Drawn::Truncated),
        };
        self.core.injected(name);
        drawn
    }

    /// Money that moves, and nobody hears of it: what retries and searches must not do a second time.
    fn draw_for_money(&self, path: &str) -> Option<Drawn> {
        let name = if path.ends_with("/v1/refunds") {
            "Stripe: a refund is made, and no answer says so"
        } else if path.ends_with("/v1/payment_intents") {
            "Stripe: a card is charged, and no answer says so"
        } else {
            return None;
        };
        if !self.core.chance(250) {
            return None;
        }
        self.core.injected(name);
        Some(*self.core.pick(&[Drawn::StatusAfter(500), Drawn::StatusAfter(503), Drawn::Lost, Drawn::Never]))
    }

    /// Stripe's list of events lags behind what has happened, at times.
    fn list_late(&self, response: &mut sandbox::Response) {
        let rate = self.core.weather().vendors[0];
        if response.status != 200 || !self.core.chance((rate * 3).min(500)) {
            return;
        }
        let mut page: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let listed_to = self.core.now().as_seconds() - self.core.between(1, 600);
        let Some(events) = page["data"].as_array_mut() else { return };
        let all = events.len();
        events.retain(|event| event["created"].as_i64().is_some_and(|created| created <= listed_to));
        let (left, more) = (events.len(), page["has_more"] == true);
        // a page that is not the last has something on it
        if left < all && (left > 0 || !more) {
            self.core.injected("Stripe: the newest events are not listed yet");
            response.body = page.to_string().into();
        }
    }

    fn check_covered(&self, request: &Request) {
        let buys_contacts = request.header("x-auth-token") == Some(sandbox::data_axle::LIVE_TOKEN)
            && (request.path.contains("/scan/") || limit(request) > 0);
        let buys_card =
            request.header("x-api-key") == Some(sandbox::postgrid::LIVE_KEY) && request.method == "POST";
        if !buys_contacts && !buys_card {
            return;
        }
        let Some(subject) = self.core.subject() else {
            return self.core.broken(format!("{} is bought by nobody's worker", request.path));
        };
        let (pk, sk) = (format!("ORG#{}", subject.organization), format!("HOLD#{}", subject.hold));
        let hold = self.dynamo.item("ledger", &pk, &sk);
        if hold.is_none_or(|hold| hold["status"]["S"] != "open") {
            self.core.broken(format!("a live purchase at {} without an open hold {sk}", request.path));
        }
    }

    async fn carry(self, request: Request, timeout: Duration) -> Result<Response, HttpFailure> {
        let at =
            ["/stripe", "/data-axle", "/postgrid"].iter().position(|path| request.path.starts_with(path));
        let at = at.expect("one of the three vendors");
        let vendor = [Vendor::Stripe, Vendor::DataAxle, Vendor::PostGrid][at];
        let secret = ["stripe", "data-axle", "postgrid"][at];
        self.core.note_permissions(vec![permissions::of_vendor(secret)]);
        let planned = self.core.reach(&call_name(vendor, &request)).await;
        let drawn = planned.map_or_else(|| self.draw(at, &request), drawn_of);
        match drawn {
            Drawn::NotReached => return Err(HttpFailure::NotReached),
            Drawn::Status(status) => return Ok(said(refusal(vendor, status))),
            Drawn::ScanDies => {
                return Ok(said(sandbox::Response::json(404, &serde_json::json!({"message": "gone"}))));
            }
            _ => {}
        }
        self.check_covered(&request);
        if drawn == Drawn::Twice {
            let _ = self.world().handle(self.core.vendor_ms(), &request);
        }
        let before = self.contacts_delivered();
        let reply = self.world().handle(self.core.vendor_ms(), &request);
        let delivered = self.contacts_delivered() - before;
        self.core.effected(planned).await;
        let mut response = reply.response;
        if planned.is_none() && at == 0 && request.path.ends_with("/v1/events") {
            self.list_late(&mut response);
            if String::from_utf8_lossy(&response.body).contains("\"api_version\":\"2024") {
                self.core.injected("Stripe: events of an old version are listed");
            }
        }
        match drawn {
            Drawn::StatusAfter(status) => return Ok(said(refusal(vendor, status))),
            Drawn::Lost => return Err(HttpFailure::Lost),
            Drawn::Truncated => {
                response.body = response.body.slice(..response.body.len() / 2);
                return Ok(said(response));
            }
            Drawn::Never => {
                tokio::time::sleep(timeout).await;
                return Err(HttpFailure::Lost);
            }
            Drawn::Late => {
                let pause = Duration::from_millis(u64::try_from(self.core.between(500, 14_000)).unwrap_or(0));
                tokio::time::sleep(pause.min(timeout)).await;
                if pause >= timeout {
                    return Err(HttpFailure::Lost);
                }
            }
            _ => {}
        }
        self.contacts_seen.fetch_add(delivered, Ordering::SeqCst);
        Ok(said(response))
    }
}

fn drawn_of(planned: Planned) -> Drawn {
    match planned {
        Planned::FailsBefore => Drawn::NotReached,
        Planned::FailsAfter => Drawn::Lost,
        Planned::Conflict => Drawn::Status(409),
        Planned::Throttled => Drawn::Status(429),
        Planned::TimesOut => Drawn::Never,
        Planned::Twice => Drawn::Twice,
        Planned::DiesBefore | Planned::DiesAfter => Drawn::Well,
    }
}

fn call_name(vendor: Vendor, request: &Request) -> String {
    let path = request.path.split('/').skip(2).map(|part| if part.len() > 18 { "{id}" } else { part });
    format!("{vendor:?} {} /{}", request.method, path.collect::<Vec<_>>().join("/"))
}

fn limit(request: &Request) -> u64 {
    if !request.path.ends_with("/search") {
        return 0;
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    body["limit"].as_u64().unwrap_or(0)
}

fn refusal(vendor: Vendor, status: u16) -> sandbox::Response {
    let fault = Fault {
        vendor,
        next: 1,
        skip: 0,
        kind: FaultKind::Status,
        status,
        delay_ms: 0,
        method: String::new(),
        path_contains: String::new(),
        retry_after: (status == 429).then_some(7),
    };
    fault.answer()
}

fn said(response: sandbox::Response) -> Response {
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    Response::from(builder.body(response.body).expect("an answer"))
}

impl Line for Vendors {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'static, Result<Response, HttpFailure>> {
        let headers = request.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
        let read = Request {
            method: request.method().as_str().to_owned(),
            path: request.url().path().to_owned(),
            query: request.url().query().unwrap_or_default().to_owned(),
            headers: headers.collect(),
            body: bytes::Bytes::copy_from_slice(body),
        };
        let timeout = request.timeout().copied().unwrap_or(Duration::from_secs(10));
        Box::pin(self.clone().carry(read, timeout))
    }
}
