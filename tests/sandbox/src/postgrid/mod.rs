//! PostGrid print and mail: postcards.
//!
//! The state and the way from a path to a handler. What follows: the vendor's SDK (`print-mail/postcards`),
//! its guides, and for error bodies what its clients agree on. The README of this crate names every choice
//! where those are silent.

mod cards;
mod contact;
mod create;
mod pdf;
mod refusal;
mod schedule;

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::counting::RateLimit;
use crate::ids::Ids;
use crate::message::{Request, Response};
use cards::{Card, Note};
use refusal::{Outcome, Refusal};

/// The key whose cards are printed.
pub const LIVE_KEY: &str = "live_sk_droplab_local";
/// The key whose cards are not.
pub const TEST_KEY: &str = "test_sk_droplab_local";

#[derive(Debug, Default)]
struct Counters {
    cards_created: u64,
    create_calls: u64,
    idempotent_replays: u64,
    cards_per_piece_max: u64,
    /// Cards by the `piece` of their metadata.
    by_piece: HashMap<String, u64>,
}

/// A create that was answered: the key's first request and its card.
#[derive(Debug)]
struct Replay {
    stored_ms: u64,
    asked: String,
    card: usize,
}

#[derive(Debug)]
pub struct PostGrid {
    ids: Ids,
    cards: Vec<Card>,
    places: HashMap<String, usize>,
    replays: HashMap<(bool, String), Replay>,
    live: Counters,
    test: Counters,
    rate: Option<RateLimit>,
    /// Cards younger than this are not found by a search.
    search_delay_ms: u64,
}

impl PostGrid {
    /// A vendor that has printed nothing.
    pub fn new(seed: u64) -> Self {
        Self {
            ids: Ids::new(seed),
            cards: Vec::new(),
            places: HashMap::new(),
            replays: HashMap::new(),
            live: Counters::default(),
            test: Counters::default(),
            rate: None,
            search_delay_ms: 0,
        }
    }

    /// Forgets every card, counter and limit; ids go on counting.
    pub fn reset(&mut self) {
        let ids = self.ids.clone();
        *self = Self { ids, ..Self::new(0) };
    }

    /// At most so many requests a second; `None` for no limit.
    pub fn limit_rate(&mut self, per_second: Option<usize>) {
        self.rate = per_second.map(|requests| RateLimit::new(requests, 1_000));
    }

    /// Searches do not see cards younger than this.
    pub fn delay_search(&mut self, delay_ms: u64) {
        self.search_delay_ms = delay_ms;
    }

    /// What the live key (`true`) or the test key asked for and got.
    pub fn counters(&self, live: bool) -> Value {
        let counters = if live { &self.live } else { &self.test };
        json!({
            "cardsCreated": counters.cards_created,
            "createCalls": counters.create_calls,
            "idempotentReplays": counters.idempotent_replays,
            "cardsPerPieceMax": counters.cards_per_piece_max,
        })
    }

    /// All cards, or those of one piece, with what their artwork was; for the controls.
    pub fn cards(&self, now_ms: u64, piece: Option<&str>) -> Value {
        let wanted = self.cards.iter().filter(|card| piece.is_none_or(|piece| card.piece() == Some(piece)));
        let cards: Vec<Value> = wanted.map(|card| card.inspected(now_ms)).collect();
        json!({"count": cards.len(), "cards": cards})
    }

    /// Sets a card's status as the vendor's own operations would, e.g. `cancelled` after accepting it. False
    /// when there is no such card or status.
    pub fn set_status(&mut self, now_ms: u64, id: &str, status: &str) -> bool {
        let Some(card) = self.places.get(id).and_then(|place| self.cards.get_mut(*place)) else {
            return false;
        };
        card.force(now_ms, status)
    }

    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Response {
        let live = match request.header("x-api-key") {
            Some(LIVE_KEY) => true,
            Some(TEST_KEY) => false,
            Some(_) => return Refusal::unauthorized("The API key is not valid.").response(),
            None => return Refusal::unauthorized("An x-api-key header is required.").response(),
        };
        if let Some(Err(wait_ms)) = self.rate.as_mut().map(|rate| rate.admit(now_ms)) {
            let seconds = wait_ms.div_ceil(1_000).to_string();
            return Refusal::too_many().response().with_header("retry-after", &seconds);
        }
        match self.route(now_ms, live, request) {
            Ok((status, body)) => Response::json(status, &body),
            Err(refusal) => refusal.response(),
        }
    }

    fn route(&mut self, now_ms: u64, live: bool, request: &Request) -> Outcome {
        let segments = request.segments();
        let ["print-mail", "v1", "postcards", path @ ..] = segments.as_slice() else {
            return Err(Refusal::not_found(&request.path));
        };
        match (request.method.as_str(), path) {
            ("POST", []) => self.create(now_ms, live, request),
            ("GET", []) => self.list(now_ms, live, request),
            ("GET", [id]) => self.card(live, id).map(|card| (200, card.rendered(now_ms))),
            ("DELETE", [id]) => self.cancel(now_ms, live, id, Value::Null),
            ("POST", [id, "cancellation"]) => {
                let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                self.cancel(now_ms, live, id, body["note"].clone())
            }
            ("POST", [id, "progressions"]) => self.progress(now_ms, live, id),
            _ => Err(Refusal::not_found(&request.path)),
        }
    }

    fn count(&mut self, live: bool) -> &mut Counters {
        if live { &mut self.live } else { &mut self.test }
    }

    /// A card of this key's mode; the other mode's cards do not exist for it.
    fn card(&mut self, live: bool, id: &str) -> Result<&mut Card, Refusal> {
        let place = self.places.get(id).copied();
        let card = place.and_then(|place| self.cards.get_mut(place)).filter(|card| card.live == live);
        card.ok_or_else(|| Refusal::no_such_postcard(id))
    }

    fn cancel(&mut self, now_ms: u64, live: bool, id: &str, note: Value) -> Outcome {
        let by_user = Some(self.ids.fresh("user_", 22));
        let card = self.card(live, id)?;
        let status = card.status(now_ms);
        if status != "ready" {
            return Err(Refusal::not_cancellable(status));
        }
        card.cancel(now_ms, Note { reason: "user_initiated", by_user, text: note });
        Ok((200, card.rendered(now_ms)))
    }

    fn progress(&mut self, now_ms: u64, live: bool, id: &str) -> Outcome {
        let card = self.card(live, id)?;
        if live {
            return Err(Refusal::test_only());
        }
        match schedule::after(card.status(now_ms)) {
            Some(next) => {
                card.force(now_ms, next);
                Ok((200, card.rendered(now_ms)))
            }
            None => Err(Refusal::invalid_progression(card.status(now_ms))),
        }
    }

    fn list(&self, now_ms: u64, live: bool, request: &Request) -> Outcome {
        let number = |name: &str, default: usize| match request.query_value(name) {
            None => Ok(default),
            Some(text) => {
                text.parse().map_err(|_| Refusal::invalid(&format!("{name} should be a whole number.")))
            }
        };
        let (skip, limit) = (number("skip", 0)?, number("limit", cards::DEFAULT_LIMIT)?);
        if limit == 0 || limit > cards::MAX_LIMIT {
            return Err(Refusal::invalid("limit should be between 1 and 100."));
        }
        let search = request.query_value("search").unwrap_or_default();
        let needle = needle(&search)?;
        let found: Vec<&Card> = self
            .cards
            .iter()
            .rev()
            .filter(|card| card.live == live && self.is_found(now_ms, card, needle))
            .collect();
        let data: Vec<Value> =
            found.iter().skip(skip).take(limit).map(|card| card.rendered(now_ms)).collect();
        let total = found.len();
        Ok((200, json!({"object": "list", "skip": skip, "limit": limit, "totalCount": total, "data": data})))
    }

    fn is_found(&self, now_ms: u64, card: &Card, needle: &str) -> bool {
        needle.is_empty()
            || (now_ms >= card.created_ms + self.search_delay_ms && card.searchable.contains(needle))
    }
}

/// The text to look for: a string, in quotes or bare.
fn needle(search: &str) -> Result<&str, Refusal> {
    let search = search.trim();
    if search.starts_with('{') {
        return Err(Refusal::invalid("This sandbox searches for a string, not by a query object."));
    }
    Ok(search.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(search))
}
