//! A vendor's key in a secret store that never gets another one.

use platform::{CachedSecret, Secret};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use terms::Clock;

/// One key, and how often it was read again.
#[derive(Clone)]
pub struct StoredKey {
    /// As a function holds it.
    pub secret: CachedSecret<Secret<String>>,
    readings: Arc<AtomicUsize>,
}

impl StoredKey {
    /// A key that is held already.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        let readings = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&readings);
        let read = move || -> futures::future::BoxFuture<'static, _> {
            counted.fetch_add(1, Ordering::SeqCst);
            Box::pin(std::future::ready(Ok(Secret::new(text.to_owned()))))
        };
        Self { secret: CachedSecret::over(Secret::new(text.to_owned()), Clock::system(), read), readings }
    }

    /// How often the store was asked for another one.
    #[must_use]
    pub fn readings(&self) -> usize {
        self.readings.load(Ordering::SeqCst)
    }
}
