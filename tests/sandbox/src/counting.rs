//! A limit on requests per window, as the vendors apply it when a test asks for one.

use std::collections::VecDeque;

/// At most `requests` in any `window_ms` milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct RateLimit {
    requests: usize,
    window_ms: u64,
    seen: VecDeque<u64>,
}

impl RateLimit {
    pub(crate) fn new(requests: usize, window_ms: u64) -> Self {
        Self { requests, window_ms, seen: VecDeque::new() }
    }

    /// Counts one request; `Err` holds the milliseconds to wait when it is one too many.
    pub(crate) fn admit(&mut self, now_ms: u64) -> Result<(), u64> {
        while self.seen.front().is_some_and(|first| now_ms >= first + self.window_ms) {
            self.seen.pop_front();
        }
        if self.seen.len() < self.requests {
            self.seen.push_back(now_ms);
            return Ok(());
        }
        Err(self.seen.front().map_or(self.window_ms, |first| first + self.window_ms - now_ms))
    }
}
