//! A clock that tests turn by hand.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use terms::{Clock, Timestamp};

/// A clock that stands until it is turned.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that shows this RFC 3339 time.
    #[must_use]
    pub fn at(time: &str) -> Self {
        let start = Timestamp::parse(time).expect("an RFC 3339 time");
        Self(Arc::new(AtomicI64::new(start.as_ms())))
    }

    /// A clock that stands at the machine's present time, for tests against servers with a clock of their own.
    #[must_use]
    pub fn at_present() -> Self {
        Self(Arc::new(AtomicI64::new(Clock::system().now().as_ms())))
    }

    /// As the clock that code under test is given.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let hand = self.clone();
        Clock::from_fn(move || hand.now())
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::SeqCst))
    }

    /// Turns the clock on (or back, when negative).
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub fn set(&self, time: &str) {
        let at = Timestamp::parse(time).expect("an RFC 3339 time");
        self.0.store(at.as_ms(), Ordering::SeqCst);
    }
}
