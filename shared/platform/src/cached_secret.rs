//! A secret that is held for 5 minutes and then read again, so that a rotated one is used without a restart.

use crate::{Secret, SecretFailure, log, secrets};
use futures::future::{BoxFuture, FutureExt};
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use terms::{Clock, Timestamp};
use vendor_http::{Key, KeySource, KeyText};

/// How long a value is used before it is read again.
const HELD_MS: u64 = 5 * 60 * 1_000;

/// Reads are at least this far apart, whatever causes them and however they end.
const BETWEEN_READINGS_MS: u64 = 30 * 1_000;

/// How long callers wait for a read; then the value in memory stays in use.
const READING_TIMEOUT: Duration = Duration::from_secs(3);

type Read<T> = dyn Fn() -> BoxFuture<'static, Result<T, SecretFailure>> + Send + Sync;

/// One secret of the process. Cheap to clone; clones share the value and its reads.
pub struct CachedSecret<T>(Arc<Shared<T>>);

struct Shared<T> {
    read: Box<Read<T>>,
    clock: Clock,
    held: Mutex<Held<T>>,
    /// Locked during a read, so that callers share it.
    reading: tokio::sync::Mutex<()>,
}

struct Held<T> {
    value: Arc<T>,
    read_at: Timestamp,
    /// When the value was last read again, successfully or not.
    tried_at: Option<Timestamp>,
}

impl<T> Clone for CachedSecret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> std::fmt::Debug for CachedSecret<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CachedSecret(hidden)")
    }
}

impl<T: Send + Sync + 'static> CachedSecret<T> {
    /// Reads the secret for the first time: a process does not start without its secrets.
    pub async fn connect(
        client: aws_sdk_secretsmanager::Client,
        id: String,
        clock: Clock,
    ) -> Result<Self, SecretFailure>
    where
        T: DeserializeOwned,
    {
        let read = move || {
            let (client, id) = (client.clone(), id.clone());
            async move { secrets::fetch(&client, &id).await }.boxed()
        };
        Ok(Self::over(read().await?, clock, read))
    }

    /// A value that is replaced by what `read` returns.
    pub fn over(
        value: T,
        clock: Clock,
        read: impl Fn() -> BoxFuture<'static, Result<T, SecretFailure>> + Send + Sync + 'static,
    ) -> Self {
        let held = Held { value: Arc::new(value), read_at: clock.now(), tried_at: None };
        let (held, reading) = (Mutex::new(held), tokio::sync::Mutex::new(()));
        Self(Arc::new(Shared { read: Box::new(read), clock, held, reading }))
    }

    /// The value, read again if it is older than 5 minutes. While Secrets Manager does not respond, the last value.
    pub async fn current(&self) -> Arc<T> {
        let shared = &self.0;
        if shared.look(|held, now| held.is_old(now)) {
            let _one_at_a_time = shared.reading.lock().await;
            if shared.look(|held, now| held.is_old(now)) {
                shared.read_again().await;
            }
        }
        shared.value()
    }

    /// The value after `refused` was refused: read again now, but at most every 30 seconds. It is `refused` itself if
    /// nothing was read since.
    pub async fn instead_of(&self, refused: &Arc<T>) -> Arc<T> {
        let shared = &self.0;
        let may_read = |held: &Held<T>, now| Arc::ptr_eq(&held.value, refused) && held.may_be_read(now);
        if shared.look(may_read) {
            let _one_at_a_time = shared.reading.lock().await;
            if shared.look(may_read) {
                shared.read_again().await;
            }
        }
        shared.value()
    }

    /// A vendor's key that is part of this secret.
    pub fn key(&self, part: fn(&T) -> &Secret<String>) -> Key {
        Key::from_source(PartOfSecret { secret: self.clone(), part })
    }
}

impl<T> Shared<T> {
    fn look<A>(&self, of: impl FnOnce(&Held<T>, Timestamp) -> A) -> A {
        of(&self.held.lock().unwrap_or_else(PoisonError::into_inner), self.clock.now())
    }

    fn value(&self) -> Arc<T> {
        self.look(|held, _| held.value.clone())
    }

    async fn read_again(&self) {
        let answer = tokio::time::timeout(READING_TIMEOUT, (self.read)()).await;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        held.tried_at = Some(now);
        match answer {
            Ok(Ok(value)) => (held.value, held.read_at) = (Arc::new(value), now),
            Ok(Err(failure)) => {
                let cause = log::chain(&failure);
                tracing::warn!(cause, "a secret could not be read again; its last value stays in use");
            }
            Err(_) => tracing::warn!("a secret was not read in time; its last value stays in use"),
        }
    }
}

impl<T> Held<T> {
    fn is_old(&self, now: Timestamp) -> bool {
        apart(self.read_at, now) >= HELD_MS && self.may_be_read(now)
    }

    fn may_be_read(&self, now: Timestamp) -> bool {
        self.tried_at.is_none_or(|tried_at| apart(tried_at, now) >= BETWEEN_READINGS_MS)
    }
}

/// Absolute, so that a clock that is set back cannot stop the reads.
fn apart(earlier: Timestamp, later: Timestamp) -> u64 {
    later.as_ms().abs_diff(earlier.as_ms())
}

struct PartOfSecret<T> {
    secret: CachedSecret<T>,
    part: fn(&T) -> &Secret<String>,
}

impl<T: Send + Sync + 'static> PartOfSecret<T> {
    fn of(&self, value: &T) -> KeyText {
        KeyText::from((self.part)(value).reveal().as_str())
    }
}

impl<T: Send + Sync + 'static> KeySource for PartOfSecret<T> {
    fn held(&self) -> KeyText {
        self.of(&self.secret.0.value())
    }

    fn current(&self) -> BoxFuture<'_, KeyText> {
        async { self.of(&*self.secret.current().await) }.boxed()
    }

    fn instead_of<'a>(&'a self, refused: &'a KeyText) -> BoxFuture<'a, Option<KeyText>> {
        async move {
            let held = self.secret.0.value();
            let newer = if self.of(&held) == *refused { self.secret.instead_of(&held).await } else { held };
            Some(self.of(&newer)).filter(|newer| newer != refused)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
