//! Waiting between attempts: exponential with full jitter, bounded in count and in time.

use std::time::Duration;
use tokio::time::Instant;

/// At most 20 attempts or 5 s. Each wait is random, from zero to a bound that doubles up to 800 ms. The first bound
/// is wide: who meets one other writer has most likely met many, and a request costs more than a moment (64 writers
/// at once on a 6 ms table took 10 requests each with a first bound of 20 ms).
#[derive(Debug)]
pub struct Backoff {
    attempts: u32,
    attempts_max: u32,
    lasts: Duration,
    started: Instant,
}

impl Backoff {
    pub const ATTEMPTS_MAX: u32 = 20;
    /// No attempt begins later than this after the first, in milliseconds.
    pub const ELAPSED_MS_MAX: u64 = 5_000;
    const BOUND_MS_FIRST: u64 = 100;
    const BOUND_MS_MAX: u64 = 800;

    /// Before the first attempt.
    #[must_use]
    pub fn new() -> Self {
        let lasts = Duration::from_millis(Self::ELAPSED_MS_MAX);
        Self { attempts: 1, attempts_max: Self::ATTEMPTS_MAX, lasts, started: Instant::now() }
    }

    /// For attempts that themselves wait as long as [`Self::new`] allows: none begins later than `lasts` after the
    /// first.
    #[must_use]
    pub fn lasting(lasts: Duration) -> Self {
        Self { attempts_max: u32::MAX, lasts, ..Self::new() }
    }

    /// Waits before the next attempt. `false`: no attempt or no time is left.
    pub async fn again(&mut self) -> bool {
        if self.attempts >= self.attempts_max || self.started.elapsed() >= self.lasts {
            return false;
        }
        let doubled = Self::BOUND_MS_FIRST.checked_shl(self.attempts).unwrap_or(Self::BOUND_MS_MAX);
        let wait_ms = fastrand::u64(0..=doubled.min(Self::BOUND_MS_MAX));
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        self.attempts = self.attempts.saturating_add(1);
        true
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}
