//! The calls. One client per key: a live and a test key are two clients.

use std::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName};
use reqwest::{Method, RequestBuilder, Url};

use crate::card::{Card, CardList, CardStatus};
use crate::outcome::{Answer, Cancellation, Created, Doubt, PostGridFailure, Refusal, answered, created};
use crate::postcard::Postcard;
use vendor_http::{Http, HttpFailure, Key, KeyHeader};

/// Time for one call, from the connect to the last byte of the response.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The header in which PostGrid expects the key.
const KEY: HeaderName = HeaderName::from_static("x-api-key");

/// How many postcards a look-up reads; one piece has one.
const LOOKUP_LIMIT: &str = "100";

/// The usual limit of an idempotency key.
const KEY_LENGTH_MAX: usize = 255;

/// A configuration with which no request can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    #[error("the vendor's base URL is not an absolute http(s) URL")]
    BaseUrl,
    #[error("the vendor's key is empty or cannot be sent in a header")]
    Key,
}

/// PostGrid print and mail under one key. Cheap to clone.
#[derive(Clone)]
pub struct PostGrid {
    http: Http,
    base_url: Url,
    key: KeyHeader,
    timeout: Duration,
}

impl fmt::Debug for PostGrid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PostGrid").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

impl PostGrid {
    /// `base_url` may have a path before `/print-mail/v1`. The crate's documentation says what `http` must be.
    pub fn new(http: impl Into<Http>, base_url: &str, key: impl Into<Key>) -> Result<Self, NotUsable> {
        let base_url = Url::parse(base_url).map_err(|_| NotUsable::BaseUrl)?;
        if !matches!(base_url.scheme(), "http" | "https") {
            return Err(NotUsable::BaseUrl);
        }
        let key = KeyHeader::new(KEY, "", key.into()).ok_or(NotUsable::Key)?;
        Ok(Self { http: http.into(), base_url, key, timeout: CALL_TIMEOUT })
    }

    /// Replaces the 10 s of production, for tests.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Orders a postcard, once per `idempotency_key` within 24 h. A key that no header can carry is refused here
    /// (status 0, `never_sent`).
    pub async fn create_postcard(&self, postcard: &Postcard, idempotency_key: &str) -> Created {
        let printable = idempotency_key.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || idempotency_key.is_empty() || idempotency_key.len() > KEY_LENGTH_MAX {
            return Created::Refused(Refusal {
                status: 0,
                kind: "never_sent".to_owned(),
                message: "the idempotency key has 1 to 255 printable ASCII characters".to_owned(),
            });
        }
        let body = postcard.body();
        let request = self
            .request(Method::POST, &[])
            .header("idempotency-key", idempotency_key)
            .header(CONTENT_TYPE, body.content_type)
            .body(body.bytes);
        created(self.send(request).await)
    }

    /// Reads a `postcard_…`.
    pub async fn get(&self, id: &str) -> Result<Card, PostGridFailure> {
        let request = self.request(Method::GET, &[checked(id)?]);
        answered(self.send(request).await)?.card().map_err(PostGridFailure::Doubt)
    }

    /// The postcards whose metadata has exactly this value under `key`. PostGrid's search finds the quoted value
    /// anywhere in a postcard, and may lag behind a create.
    pub async fn find_by_metadata(&self, key: &str, value: &str) -> Result<Vec<Card>, PostGridFailure> {
        let quoted = format!("\"{}\"", value.replace(['"', '\\'], ""));
        let request = self.request(Method::GET, &[]);
        let request = request.query(&[("skip", "0"), ("limit", LOOKUP_LIMIT), ("search", &quoted)]);
        let answer = match answered(self.send(request).await) {
            // For a list, 404 means that the service's address is wrong, not that there is no postcard.
            Err(PostGridFailure::NotFound) => {
                return Err(PostGridFailure::Doubt(Doubt::Unreadable { status: 404 }));
            }
            other => other?,
        };
        let list: CardList = serde_json::from_slice(&answer.body)
            .map_err(|_| PostGridFailure::Doubt(Doubt::Unreadable { status: answer.status }))?;
        let ours = |card: &Card| card.metadata.get(key).is_some_and(|found| found == value);
        Ok(list.data.into_iter().filter(ours).collect())
    }

    /// Cancels a postcard, which PostGrid allows while it is `ready`. A refusal may mean that it is too late or that
    /// it is cancelled already, and its text is not documented: so the postcard is read again and its status decides.
    pub async fn cancel(&self, id: &str) -> Result<Cancellation, PostGridFailure> {
        let request = self.request(Method::DELETE, &[checked(id)?]);
        match answered(self.send(request).await) {
            Ok(_) | Err(PostGridFailure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
        match self.get(id).await?.status {
            CardStatus::Cancelled => Ok(Cancellation::Cancelled),
            CardStatus::Printing | CardStatus::ProcessedForDelivery | CardStatus::Completed => {
                Ok(Cancellation::TooLate)
            }
            CardStatus::Ready | CardStatus::Other(_) => Err(PostGridFailure::Doubt(Doubt::InFlight)),
        }
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["print-mail", "v1", "postcards"]).extend(path);
        }
        self.http.request(method, url).timeout(self.timeout)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, HttpFailure> {
        Answer::read(self.http.send(request, &self.key).await?).await
    }
}

/// Accepts only an id that leads to its own path.
fn checked(id: &str) -> Result<&str, PostGridFailure> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if plain && !id.is_empty() { Ok(id) } else { Err(PostGridFailure::NotFound) }
}
