//! How fast one worker calls the vendor.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Hands out turns at an even pace: one worker's share of the vendor's rate.
#[derive(Debug)]
pub struct Pace {
    interval: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    /// The share of one of `workers` of `rate` calls a second; zero counts as one.
    #[must_use]
    pub fn share(rate: u32, workers: u32) -> Self {
        let interval = Duration::from_secs(1).saturating_mul(workers.max(1)).checked_div(rate.max(1));
        Self { interval: interval.unwrap_or(Duration::from_secs(1)), next: Mutex::new(Instant::now()) }
    }

    /// Waits for the next turn.
    pub async fn turn(&self) {
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let at = (*next).max(Instant::now());
            *next = at.checked_add(self.interval).unwrap_or(at);
            at
        };
        tokio::time::sleep_until(at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_shared_evenly_by_the_workers() {
        let table = [(5, 2, 400), (500, 2, 4), (5, 1, 200), (0, 0, 1000)];
        for (rate, workers, interval_ms) in table {
            assert_eq!(Pace::share(rate, workers).interval, Duration::from_millis(interval_ms));
        }
    }
}
