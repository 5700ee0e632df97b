//! How a request reaches Stripe: async-stripe's [`StripeClient`] over one pooled `reqwest::Client`, retried under the
//! caller's idempotency key (docs.stripe.com/error-low-level, "Retries").
//!
//! async-stripe's own client opens a connection per call, and retries only with keys that it generates. Must not
//! know: which requests there are. Logs codes and ids only, never a body.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Response};
use stripe_client_core::{
    ConfigOverride, CustomizedStripeRequest, RequestBuilder, StripeClient, StripeMethod, VERSION,
};

use crate::failure::{NotUsable, StripeFailure};
use vendor_http::{Http, HttpFailure, Key, KeyHeader};

/// Attempts of one request, the first included.
pub const ATTEMPTS_MAX: u32 = 3;

/// Time for one attempt, from the connect to the last byte of the response.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// The wait before another attempt: random, up to a bound that doubles (full jitter).
#[derive(Debug, Clone, Copy)]
pub struct RetryPauses {
    /// Bound of the pause after the first attempt.
    pub first: Duration,
    /// No bound is longer.
    pub longest: Duration,
}

impl RetryPauses {
    #[expect(clippy::disallowed_methods, reason = "chance sets the wait")]
    fn after(self, attempt: u32) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        let bound = doubled.min(self.longest);
        Duration::from_millis(fastrand::u64(0..=u64::try_from(bound.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// In production.
impl Default for RetryPauses {
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(2) }
    }
}

/// The connection to Stripe under one secret key. Cheap to clone.
#[derive(Clone)]
pub struct Transport {
    http: Http,
    /// Without a slash at its end; `/v1/…` follows.
    base_url: String,
    authorization: KeyHeader,
    pauses: RetryPauses,
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Transport {
    /// `base_url` may have a path before `/v1`. The crate's documentation says what `http` must be.
    pub fn new(http: impl Into<Http>, base_url: &str, secret_key: impl Into<Key>) -> Result<Self, NotUsable> {
        let base_url = base_url.trim_end_matches('/');
        let url = reqwest::Url::parse(base_url).map_err(|_| NotUsable::BaseUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(NotUsable::BaseUrl);
        }
        let authorization =
            KeyHeader::new(AUTHORIZATION, "Bearer ", secret_key.into()).ok_or(NotUsable::Key)?;
        Ok(Self {
            http: http.into(),
            base_url: base_url.to_owned(),
            authorization,
            pauses: RetryPauses::default(),
        })
    }

    /// Replaces the pauses of production, for tests.
    #[must_use]
    pub fn with_pauses(mut self, pauses: RetryPauses) -> Self {
        self.pauses = pauses;
        self
    }

    /// Retries until the response is final. A POST without an idempotency key is sent once.
    async fn send(&self, request: Prepared) -> Result<Bytes, StripeFailure> {
        let attempts_max = if request.may_repeat() { ATTEMPTS_MAX } else { 1 };
        let mut in_doubt = false;
        let mut attempt = 1;
        loop {
            let miss = match self.attempt(&request).await {
                Ok(answer) => return Ok(answer),
                Err(miss) => miss,
            };
            in_doubt |= request.changes_something() && miss.failure.leaves_doubt();
            let worth_it = miss.should_retry.unwrap_or_else(|| miss.failure.may_pass());
            if attempt >= attempts_max || !worth_it {
                return Err(if in_doubt { miss.failure.after_doubt() } else { miss.failure });
            }
            let (path, failure) = (&request.path, &miss.failure);
            tracing::warn!(attempt, path, %failure, "a request to Stripe is retried");
            tokio::time::sleep(self.pauses.after(attempt)).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, request: &Prepared) -> Result<Bytes, Miss> {
        let mut builder = self
            .http
            .request(request.method.clone(), format!("{}{}", self.base_url, request.path_and_query))
            .timeout(request.timeout)
            .header("stripe-version", VERSION.as_str());
        if let Some(key) = &request.idempotency_key {
            builder = builder.header("idempotency-key", key);
        }
        if let Some(account) = &request.account {
            builder = builder.header("stripe-account", account);
        }
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.clone());
        }
        let answer = self.http.send(builder, &self.authorization).await.map_err(Miss::silent)?;
        read(answer).await
    }
}

impl StripeClient for Transport {
    type Err = StripeFailure;

    fn execute(
        &self,
        request: CustomizedStripeRequest,
    ) -> impl Future<Output = Result<Bytes, StripeFailure>> + Send {
        let (request, overrides) = request.into_pieces();
        self.send(Prepared::new(request, &overrides))
    }
}

/// A request that can be sent again exactly as it was.
struct Prepared {
    method: Method,
    /// For the log: without the query.
    path: String,
    path_and_query: String,
    body: Option<Bytes>,
    idempotency_key: Option<String>,
    account: Option<String>,
    timeout: Duration,
}

impl Prepared {
    fn new(request: RequestBuilder, overrides: &ConfigOverride) -> Self {
        let method = match request.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let path = format!("/v1{}", request.path);
        let path_and_query = match request.query.filter(|query| !query.is_empty()) {
            Some(query) => format!("{path}?{query}"),
            None => path.clone(),
        };
        let key = overrides.request_strategy.as_ref().and_then(|strategy| strategy.get_key());
        Self {
            method,
            path,
            path_and_query,
            body: request.body.map(|form| Bytes::from(in_stable_order(&form))),
            idempotency_key: key.map(|key| key.into_inner()),
            account: overrides.account_id.as_ref().map(|account| account.as_str().to_owned()),
            timeout: overrides.timeout.unwrap_or(ATTEMPT_TIMEOUT),
        }
    }

    fn changes_something(&self) -> bool {
        self.method != Method::GET
    }

    /// Stripe honours keys on POST only; GET and DELETE are safe to repeat.
    fn may_repeat(&self) -> bool {
        self.method != Method::POST || self.idempotency_key.is_some()
    }
}

/// Makes the same request the same bytes, since Stripe compares requests under one key: async-stripe takes metadata
/// in a hash map, whose order changes between calls. Array elements carry their index, so sorting is safe.
fn in_stable_order(form: &str) -> String {
    let mut fields: Vec<&str> = form.split('&').collect();
    fields.sort_unstable();
    fields.join("&")
}

/// An attempt without a final response.
struct Miss {
    failure: StripeFailure,
    /// Header `Stripe-Should-Retry`, which is obeyed.
    should_retry: Option<bool>,
}

impl Miss {
    fn silent(failure: HttpFailure) -> Self {
        let should_retry = (failure == HttpFailure::NotBuilt).then_some(false);
        Self { failure: StripeFailure::from_transport(failure), should_retry }
    }
}

async fn read(answer: Response) -> Result<Bytes, Miss> {
    let status = answer.status();
    let request_id = text(answer.headers(), "request-id");
    let should_retry = match text(answer.headers(), "stripe-should-retry").as_deref() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    let body = answer.bytes().await.map_err(|_| Miss::silent(HttpFailure::Lost))?;
    if status.is_success() {
        return Ok(body);
    }
    Err(Miss { failure: StripeFailure::from_answer(status.as_u16(), &body, request_id), should_retry })
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_one_order() {
        let stable = in_stable_order("mode=payment&metadata[b]=2&line_items[1][quantity]=1&metadata[a]=1");
        assert_eq!(stable, "line_items[1][quantity]=1&metadata[a]=1&metadata[b]=2&mode=payment");
    }

    #[test]
    fn pauses_stay_under_their_bound() {
        let pauses = RetryPauses { first: Duration::from_millis(100), longest: Duration::from_millis(150) };
        for _ in 0..200 {
            assert!(pauses.after(1) <= Duration::from_millis(100));
            assert!(pauses.after(2) <= Duration::from_millis(150));
            assert!(pauses.after(u32::MAX) <= Duration::from_millis(150));
        }
    }
}
