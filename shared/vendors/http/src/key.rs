//! A vendor's key, obtained anew for each request, so that a rotated key is used without a restart. Knows nothing of
//! where keys are stored.

use futures::future::{BoxFuture, FutureExt, ready};
use reqwest::header::{HeaderName, HeaderValue};
use std::fmt;
use std::sync::Arc;

/// The text of a key. No log shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText(Arc<str>);

impl From<&str> for KeyText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyText(hidden)")
    }
}

/// Where a client gets its vendor's key from.
pub trait KeySource: Send + Sync {
    /// The key in memory; reads nothing.
    fn held(&self) -> KeyText;

    /// The key for a request; may read it where it is stored.
    fn current(&self) -> BoxFuture<'_, KeyText>;

    /// After the vendor refused `refused` with 401: another key, if there is one.
    fn instead_of<'a>(&'a self, refused: &'a KeyText) -> BoxFuture<'a, Option<KeyText>>;
}

/// A key that never changes.
impl KeySource for KeyText {
    fn held(&self) -> KeyText {
        self.clone()
    }

    fn current(&self) -> BoxFuture<'_, KeyText> {
        ready(self.clone()).boxed()
    }

    fn instead_of<'a>(&'a self, _: &'a KeyText) -> BoxFuture<'a, Option<KeyText>> {
        ready(None).boxed()
    }
}

/// The key of one client. Cheap to clone.
#[derive(Clone)]
pub struct Key(Arc<dyn KeySource>);

impl Key {
    pub fn from_source(source: impl KeySource + 'static) -> Self {
        Self(Arc::new(source))
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::from_source(KeyText::from(text))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(hidden)")
    }
}

/// The header in which a vendor expects the key.
#[derive(Debug, Clone)]
pub struct KeyHeader {
    name: HeaderName,
    /// Precedes the key, for example `Bearer `.
    scheme: &'static str,
    key: Key,
}

impl KeyHeader {
    /// `None` when the key in memory is empty or not allowed in a header.
    #[must_use]
    pub fn new(name: HeaderName, scheme: &'static str, key: Key) -> Option<Self> {
        let header = Self { name, scheme, key };
        header.value(&header.key.0.held()).is_some().then_some(header)
    }

    pub(crate) fn name(&self) -> &HeaderName {
        &self.name
    }

    /// Marked sensitive, so that not even reqwest's own logs show it.
    pub(crate) fn value(&self, key: &KeyText) -> Option<HeaderValue> {
        if key.0.trim().is_empty() {
            return None;
        }
        let mut value = HeaderValue::from_str(&format!("{}{}", self.scheme, key.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    pub(crate) async fn current(&self) -> KeyText {
        self.key.0.current().await
    }

    pub(crate) async fn instead_of(&self, refused: &KeyText) -> Option<KeyText> {
        self.key.0.instead_of(refused).await
    }
}
