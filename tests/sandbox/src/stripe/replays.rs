//! Idempotency keys: docs.stripe.com/api/idempotent_requests.

use std::collections::HashMap;

use crate::message::Response;

/// Longest key.
pub(super) const MAX_KEY_BYTES: usize = 255;
/// A key older than this is a new request.
const KEPT_MS: u64 = 24 * 60 * 60 * 1_000;

#[derive(Debug)]
struct Entry {
    stored_ms: u64,
    asked: String,
    response: Response,
}

pub(super) enum Stored {
    Nothing,
    /// The same request before: its answer.
    Same(Response),
    Other,
}

/// First results by key.
#[derive(Debug, Default)]
pub(super) struct Replays {
    entries: HashMap<String, Entry>,
}

impl Replays {
    pub(super) fn find(&mut self, now_ms: u64, key: &str, asked: &str) -> Stored {
        match self.entries.get(key) {
            Some(entry) if now_ms >= entry.stored_ms + KEPT_MS => {
                self.entries.remove(key);
                Stored::Nothing
            }
            Some(entry) if entry.asked == asked => Stored::Same(entry.response.clone()),
            Some(_) => Stored::Other,
            None => Stored::Nothing,
        }
    }

    pub(super) fn store(&mut self, now_ms: u64, key: &str, asked: String, response: &Response) {
        let entry = Entry { stored_ms: now_ms, asked, response: response.clone() };
        self.entries.insert(key.to_owned(), entry);
    }
}
