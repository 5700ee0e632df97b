//! The one way out to vendors: how a request leaves the process, and what a missing response proves.
//!
//! Owns the difference between "never sent" and "perhaps carried out". Knows no vendor, no path, no body. In
//! production a request goes over the process's pooled [`reqwest::Client`]; a simulator responds in-process through a
//! [`Line`] of its own.

mod key;

pub use key::{Key, KeyHeader, KeySource, KeyText};

use futures::future::BoxFuture;
use reqwest::{IntoUrl, Method, Request, RequestBuilder, Response, StatusCode};
use std::fmt;
use std::sync::Arc;

/// Why a request has no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpFailure {
    /// The request is invalid: nothing was sent.
    #[error("the request cannot be made")]
    NotBuilt,
    /// No connection was made: nothing was sent.
    #[error("the vendor was not reached")]
    NotReached,
    /// Time-out or lost connection after sending: it may have been carried out.
    #[error("the vendor did not answer")]
    Lost,
}

impl HttpFailure {
    /// Whether it is certain that the vendor never saw the request.
    #[must_use]
    pub fn is_unsent(self) -> bool {
        matches!(self, Self::NotBuilt | Self::NotReached)
    }
}

impl From<reqwest::Error> for HttpFailure {
    fn from(error: reqwest::Error) -> Self {
        match (error.is_builder(), error.is_connect()) {
            (true, _) => Self::NotBuilt,
            (false, true) => Self::NotReached,
            (false, false) => Self::Lost,
        }
    }
}

/// Carries a request to a vendor and brings its response.
pub trait Line: Send + Sync {
    /// Must keep the time-out that the request names.
    fn send(&self, request: Request) -> BoxFuture<'static, Result<Response, HttpFailure>>;
}

impl Line for reqwest::Client {
    fn send(&self, request: Request) -> BoxFuture<'static, Result<Response, HttpFailure>> {
        let sent = self.execute(request);
        Box::pin(async move { Ok(sent.await?) })
    }
}

/// A client of vendors. Cheap to clone.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    line: Arc<dyn Line>,
}

impl fmt::Debug for Http {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Http")
    }
}

impl From<reqwest::Client> for Http {
    fn from(client: reqwest::Client) -> Self {
        Self { line: Arc::new(client.clone()), client }
    }
}

impl Http {
    /// Requests are made by `client`, and carried by `line`.
    pub fn over(client: reqwest::Client, line: Arc<dyn Line>) -> Self {
        Self { client, line }
    }

    pub fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request with the vendor's key. After a 401, which proves that nothing was carried out, it is sent once
    /// more if there is another key by now. Only [`HttpFailure::Lost`] leaves open whether it was carried out.
    pub async fn send(&self, request: RequestBuilder, key: &KeyHeader) -> Result<Response, HttpFailure> {
        let mut request = request.build()?;
        let held = key.current().await;
        let value = key.value(&held).ok_or(HttpFailure::NotBuilt)?;
        request.headers_mut().insert(key.name(), value);
        let again = request.try_clone();
        let answer = self.line.send(request).await?;
        let (StatusCode::UNAUTHORIZED, Some(mut again)) = (answer.status(), again) else { return Ok(answer) };
        let newer = key.instead_of(&held).await.and_then(|newer| key.value(&newer));
        let Some(value) = newer else { return Ok(answer) };
        tracing::warn!("a vendor refused a key; the request is sent again with the key that is stored now");
        again.headers_mut().insert(key.name(), value);
        self.line.send(again).await
    }
}
