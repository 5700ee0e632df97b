//! The response to a request that cannot be carried out: `application/problem+json`, RFC 9457.
//!
//! Each problem has a stable `code` for programs and a `detail` for people: what happened, and what to do next. It
//! never carries an error's own text: causes go to the log, under the `requestId` of the response.

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use terms::{Failing, Meaning};

const TYPE_BASE: &str = "https://droplab.example/problems/";
/// When to try again after an outage.
const RETRY_AFTER_SECONDS: u64 = 2;
const OWN_MEMBERS: [&str; 6] = ["type", "title", "status", "code", "detail", "requestId"];

#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    extensions: Map<String, Value>,
    retry_after_seconds: Option<u64>,
}

impl Problem {
    /// `status` is a 4xx or 5xx (else a panic), `title` names the kind of problem, `detail` says what happened here.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        assert!(status.is_client_error() || status.is_server_error(), "a problem has a status of 4xx or 5xx");
        let extensions = Map::new();
        Self { status, code, title, detail: detail.into(), extensions, retry_after_seconds: None }
    }

    /// Adds an extension member, named in camelCase. Panics when the name is one of the problem's own members, or the
    /// value has no JSON.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        assert!(!OWN_MEMBERS.contains(&name), "{name} is a member of every problem");
        let value = serde_json::to_value(value);
        assert!(value.is_ok(), "{name} has no JSON");
        self.extensions.insert(name.to_owned(), value.unwrap_or_default());
        self
    }

    /// Sets Retry-After.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// 401: no verified token, or one that does not name one organization.
    #[must_use]
    pub fn unauthorized() -> Self {
        let detail = "The request is not signed in. Sign in with an account that belongs to an organization.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Not signed in", detail)
    }

    /// 403: signed in, but without the role for this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 404: it does not exist, or it belongs to another organization.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "Not found",
            "Your organization has nothing at this address. Check the address.",
        )
    }

    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "The request is not valid", detail)
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, "Not possible in the current state", detail)
    }

    /// 409: a live order on a test stage.
    #[must_use]
    pub fn test_orders_only() -> Self {
        let detail =
            "This is a test stage: nothing is bought or mailed here. Send \"environment\": \"test\".";
        Self::conflict("test_orders_only", detail)
    }

    #[must_use]
    pub fn idempotency_key_missing() -> Self {
        let detail = "The Idempotency-Key header is missing. Send a value of your choice, and the same value when you retry.";
        Self::bad_request("idempotency_key_missing", detail)
    }

    #[must_use]
    pub fn idempotency_key_invalid() -> Self {
        let detail = "The Idempotency-Key header is not valid. Send it once: 1 to 255 printable ASCII characters, no comma.";
        Self::bad_request("idempotency_key_invalid", detail)
    }

    /// 422: the key was used before, with another request.
    #[must_use]
    pub fn idempotency_key_reused() -> Self {
        let detail =
            "This Idempotency-Key was used with a different request. Send a new key for a new request.";
        let title = "Idempotency key used twice";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", title, detail)
    }

    #[must_use]
    pub fn body_too_large() -> Self {
        let detail = "The request body is larger than 256 KB. Send a smaller one.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The request is too large", detail)
    }

    /// 429 with Retry-After.
    pub fn too_many(code: &'static str, detail: impl Into<String>, retry_after_seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, "Too many requests", detail)
            .retry_after(retry_after_seconds)
    }

    /// 429 with Retry-After, because a vendor limits our rate.
    #[must_use]
    pub fn vendor_busy(retry_after_seconds: u64) -> Self {
        let detail = format!(
            "A service that this request needs is busy. Try again in {retry_after_seconds} s; with the same \
             Idempotency-Key nothing happens twice."
        );
        Self::too_many("vendor_busy", detail, retry_after_seconds)
    }

    /// 503 with Retry-After: nothing is known to be wrong with the request.
    #[must_use]
    pub fn unavailable() -> Self {
        let detail = "The request could not be completed. Try again in a moment; with the same \
                      Idempotency-Key nothing happens twice.";
        let problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable", detail);
        problem.retry_after(RETRY_AFTER_SECONDS)
    }

    /// Logs a failure, and makes it 503 where the same request may be sent again, 429 where a vendor is busy, else
    /// 500.
    #[must_use]
    #[track_caller]
    pub fn of_failure(step: &str, failure: &(dyn Failing + 'static)) -> Self {
        crate::log::failing(step, failure);
        match failure.meaning() {
            Meaning::TryAgain | Meaning::Contended | Meaning::Misconfigured(_) => Self::unavailable(),
            Meaning::Busy { retry_after_seconds } => Self::vendor_busy(retry_after_seconds),
            Meaning::Fault(_) => Self::internal(),
        }
    }

    #[must_use]
    pub fn internal() -> Self {
        let detail = "Something went wrong on our side. Contact support and include the requestId.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    }

    #[must_use]
    pub fn to_json(&self, request_id: Option<&str>) -> Value {
        let mut members = self.extensions.clone();
        members.insert("type".to_owned(), format!("{TYPE_BASE}{}", self.code).into());
        members.insert("title".to_owned(), self.title.into());
        members.insert("status".to_owned(), self.status.as_u16().into());
        members.insert("code".to_owned(), self.code.into());
        members.insert("detail".to_owned(), self.detail.clone().into());
        if let Some(id) = request_id {
            members.insert("requestId".to_owned(), id.into());
        }
        Value::Object(members)
    }

    #[must_use]
    pub fn into_response(self, request_id: Option<&str>) -> Response<Body> {
        let mut response = Response::new(Body::from(self.to_json(request_id).to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        // stored beside its text, so that `http`, which knows the request's id, can write it again
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Problem> for Response<Body> {
    fn from(problem: Problem) -> Self {
        problem.into_response(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_rfc_9457_json_with_its_extensions() {
        let problem =
            Problem::new(StatusCode::PAYMENT_REQUIRED, "insufficient_credits", "Not enough credits", "…")
                .with("required", "350.00")
                .with("suggestedPackage", 250);
        let response = problem.into_response(Some("req-1"));
        assert_eq!(response.status(), 402);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let json: Value = serde_json::from_slice(response.body()).unwrap();
        let expected = serde_json::json!({
            "type": "https://droplab.example/problems/insufficient_credits", "title": "Not enough credits",
            "status": 402, "code": "insufficient_credits", "detail": "…", "requestId": "req-1",
            "required": "350.00", "suggestedPackage": 250,
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn an_outage_says_when_to_try_again() {
        let response = Response::from(Problem::unavailable());
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (503, &"2".parse().unwrap())
        );
    }

    #[test]
    #[should_panic(expected = "a member of every problem")]
    fn an_extension_cannot_replace_the_code() {
        let _ = Problem::not_found().with("code", "fine");
    }
}
