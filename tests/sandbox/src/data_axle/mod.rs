//! Data Axle People: count, search, scan and insights over a synthetic population.
//!
//! The state and the way from a path to a handler. What follows: the vendor's pages `people/docs/filter_dsl`,
//! `people/docs/scan_api`, `people/docs/insights_api`; where those are silent (limits, error bodies), what
//! public clients report. The README of this crate names every such choice.

mod documents;
mod filter;
mod geography;
mod insights;
mod names;
mod people;
mod scan;
mod search;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::counting::RateLimit;
use crate::ids::Ids;
use crate::message::{Request, Response};
pub use people::POPULATION;
use scan::Scan;

/// The token whose records are billed.
pub const LIVE_TOKEN: &str = "data_axle_live_local";
pub const TEST_TOKEN: &str = "data_axle_test_local";
const CACHED_FILTERS: usize = 64;

type Matches = HashMap<String, Arc<Vec<u32>>>;

/// Evaluating a filter over everyone takes a while in an unoptimised build. The people are the same in every
/// instance, so a process keeps the matches for all of them.
fn cache() -> MutexGuard<'static, Matches> {
    static CACHE: LazyLock<Mutex<Matches>> = LazyLock::new(Mutex::default);
    CACHE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Copy, Debug, Default)]
struct Counters {
    contacts_delivered: u64,
    searches: u64,
    scans_started: u64,
    count_calls: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Live,
    Test,
}

#[derive(Debug)]
pub struct DataAxle {
    ids: Ids,
    scans: HashMap<String, Scan>,
    live: Counters,
    test: Counters,
    rate: Option<RateLimit>,
    zips_as_numbers: bool,
}

type Outcome = Result<Value, (u16, String)>;

impl DataAxle {
    /// A vendor that has delivered nothing.
    pub fn new(seed: u64) -> Self {
        Self {
            ids: Ids::new(seed),
            scans: HashMap::new(),
            live: Counters::default(),
            test: Counters::default(),
            rate: None,
            zips_as_numbers: false,
        }
    }

    /// Forgets scans, counters, the rate limit and how ZIP codes are written. The people stay the same for ever.
    pub fn reset(&mut self) {
        self.scans.clear();
        self.live = Counters::default();
        self.test = Counters::default();
        self.rate = None;
        self.zips_as_numbers = false;
    }

    /// ZIP codes are delivered as JSON numbers, which have no leading zero.
    pub fn deliver_zips_as_numbers(&mut self, as_numbers: bool) {
        self.zips_as_numbers = as_numbers;
    }

    /// At most `requests` in `window_ms`; `None` for no limit.
    pub fn limit_rate(&mut self, limit: Option<(usize, u64)>) {
        self.rate = limit.map(|(requests, window_ms)| RateLimit::new(requests, window_ms));
    }

    /// What the live token (`true`) or the test token asked for and got.
    pub fn counters(&self, live: bool) -> Value {
        let counters = if live { self.live } else { self.test };
        json!({
            "contactsDelivered": counters.contacts_delivered,
            "searches": counters.searches,
            "scansStarted": counters.scans_started,
            "countCalls": counters.count_calls,
        })
    }

    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Response {
        let token = match request.header("x-auth-token") {
            Some(LIVE_TOKEN) => Token::Live,
            Some(TEST_TOKEN) => Token::Test,
            Some(_) => return refuse(401, "The authentication token is not valid."),
            None => return refuse(401, "An X-AUTH-TOKEN header is required."),
        };
        if let Some(Err(wait_ms)) = self.rate.as_mut().map(|rate| rate.admit(now_ms)) {
            let seconds = wait_ms.div_ceil(1_000).to_string();
            return refuse(429, "Too many requests.").with_header("retry-after", &seconds);
        }
        match self.route(now_ms, token, request) {
            Ok(body) => Response::json(200, &body),
            Err((status, message)) => refuse(status, &message),
        }
    }

    fn route(&mut self, now_ms: u64, token: Token, request: &Request) -> Outcome {
        let segments = request.segments();
        let ["v1", "people", path @ ..] = segments.as_slice() else {
            return Err((404, "There is nothing here.".to_owned()));
        };
        match (request.method.as_str(), path) {
            // the documentation shows GET with a body, clients send POST: both are the same
            ("GET" | "POST", ["search"]) => self.search(token, &body(request)?),
            ("GET" | "POST", ["insights"]) => self.insights(token, &body(request)?),
            ("POST", ["scan"]) => self.start_scan(now_ms, token, &body(request)?),
            ("GET", ["scan", id]) => self.continue_scan(now_ms, token, id, request),
            (_, ["search" | "insights" | "scan", ..]) => Err((405, "Method not allowed.".to_owned())),
            _ => Err((404, "There is nothing here.".to_owned())),
        }
    }

    fn count(&mut self, token: Token) -> &mut Counters {
        match token {
            Token::Live => &mut self.live,
            Token::Test => &mut self.test,
        }
    }

    /// Everyone who matches the body's filter, by index.
    fn matching(&mut self, body: &Value) -> Result<Arc<Vec<u32>>, (u16, String)> {
        if !body["query"].is_null() {
            return Err((400, "This sandbox has no free-text query: use a filter.".to_owned()));
        }
        // the reference table says `filters` once, every example says `filter`
        let given = &body["filter"];
        let key = given.to_string();
        if let Some(found) = cache().get(&key) {
            return Ok(Arc::clone(found));
        }
        let filter = filter::Filter::parse(given).map_err(|message| (400, message))?;
        let found: Vec<u32> = (0..POPULATION).filter(|index| filter.holds(*index)).collect();
        let found = Arc::new(found);
        let mut cache = cache();
        if cache.len() >= CACHED_FILTERS {
            cache.clear();
        }
        cache.insert(key, Arc::clone(&found));
        Ok(found)
    }
}

fn body(request: &Request) -> Outcome {
    if request.body.is_empty() {
        return Ok(json!({}));
    }
    match serde_json::from_slice(&request.body) {
        Ok(body @ Value::Object(_)) => Ok(body),
        _ => Err((400, "The body is not a JSON object.".to_owned())),
    }
}

fn refuse(status: u16, message: &str) -> Response {
    Response::json(status, &json!({"message": message}))
}
