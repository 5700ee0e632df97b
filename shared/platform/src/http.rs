//! Requests read and responses made the same way by every function, and what surrounds each call.
//!
//! CORS and routes are API Gateway's. Logs hold ids, the method's status and the time taken, never contents.

pub use crate::query::Query;

use crate::{Environment, Problem, Services, StartFailure, audit::Called, canonical::canonical, start};
use futures::FutureExt;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, RequestExt, Response};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use terms::{BYTE_ORDER_MARK, Fingerprint, IdempotencyKey, OrganizationId, PersonText};

/// The longest body of a request: 256 KB.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_HIT: HeaderName = HeaderName::from_static("idempotency-hit");

/// Starts a function behind the API and serves its requests until the process ends; all that its `main` does.
pub async fn serve<S, A, F>(
    connect: impl AsyncFnOnce(&Services, &Environment) -> Result<S, StartFailure>,
    answer: A,
) -> ExitCode
where
    S: 'static,
    A: Fn(&'static S, Request) -> F,
    F: Future<Output = Result<Response<Body>, Problem>> + Send,
{
    start::run(connect, async |state| {
        let service = |request: Request| {
            // called here and not inside the future, which then need not hold the state itself
            let called = Called::of(&request);
            let answer = std::panic::catch_unwind(AssertUnwindSafe(|| answer(state, request)));
            async move { Ok::<_, Infallible>(finish(called, answer.ok()).await) }
        };
        lambda_http::run(lambda_http::service_fn(service)).await
    })
    .await
}

/// One call as [`serve`] makes it: a panic becomes a 500, and every response gets its headers and request id.
pub async fn respond<F>(request: Request, answer: impl Fn(Request) -> F) -> Response<Body>
where
    F: Future<Output = Result<Response<Body>, Problem>>,
{
    let called = Called::of(&request);
    let answer = std::panic::catch_unwind(AssertUnwindSafe(|| answer(request)));
    finish(called, answer.ok()).await
}

/// `answer` is `None` for a handler that panicked before it returned a future.
async fn finish<F>(called: Called, answer: Option<F>) -> Response<Body>
where
    F: Future<Output = Result<Response<Body>, Problem>>,
{
    let id = called.request_id.as_deref();
    let caught = match answer {
        Some(answer) => AssertUnwindSafe(answer).catch_unwind().await.ok(),
        None => None,
    };
    let answer = caught.unwrap_or_else(|| {
        // the panic hook that `start` installs logs its place; its text may quote contents
        tracing::error!(request_id = id, "the handler panicked");
        Err(Problem::internal())
    });
    let mut response = answer.unwrap_or_else(Response::from);
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let problem_of_ours = problem.status().is_server_error();
        tracing::info!(request_id = id, code = problem.code(), problem_of_ours, "answered with a problem");
        if problem.status() == StatusCode::FORBIDDEN {
            called.forbidden(&problem);
        }
        *response.body_mut() = Body::from(problem.to_json(id).to_string());
    }
    keep_byte_order_mark(&mut response);
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// lambda_http decodes a text before it passes it on, and a decoder drops the first byte order mark: a file that must
/// begin with one has two until then.
fn keep_byte_order_mark(response: &mut Response<Body>) {
    if let Body::Text(text) = response.body_mut()
        && text.starts_with(BYTE_ORDER_MARK)
    {
        text.insert(0, BYTE_ORDER_MARK);
    }
}

/// The body's bytes as they were sent; API Gateway's base64 is undone. 413 beyond [`BODY_BYTES_MAX`].
pub fn body(request: &Request) -> Result<&[u8], Problem> {
    let bytes: &[u8] = request.body().as_ref();
    if bytes.len() > BODY_BYTES_MAX { Err(Problem::body_too_large()) } else { Ok(bytes) }
}

/// The body, a JSON object, whatever content type it is sent as. 413 for a body that is too long, 400 `invalid_body`
/// for one that is not a `T`.
pub fn json_body<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    let bytes = body(request)?;
    // serde would also fill a struct from an array, by position
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(invalid_body(&"it must be a JSON object"));
    }
    serde_json::from_slice(bytes).map_err(|error| invalid_body(&error))
}

fn invalid_body(reason: &dyn std::fmt::Display) -> Problem {
    Problem::bad_request("invalid_body", format!("The request body is not valid: {reason}."))
}

/// As [`json_body`], with the defaults for an empty body.
pub fn json_body_or_default<T: DeserializeOwned + Default>(request: &Request) -> Result<T, Problem> {
    if body(request)?.trim_ascii().is_empty() { Ok(T::default()) } else { json_body(request) }
}

/// For a field that may be absent, with `#[serde(default, deserialize_with = "http::present")]`: refuses `null`. A
/// program without a number writes `null` (`JSON.stringify(NaN)`) and does not mean a default.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// The Idempotency-Key, which spending needs. 400 when it is absent or not a key.
pub fn idempotency_key(request: &Request) -> Result<IdempotencyKey, Problem> {
    optional_idempotency_key(request)?.ok_or_else(Problem::idempotency_key_missing)
}

/// The Idempotency-Key, if one was sent. 400 when it is not a key, or there are two.
///
/// API Gateway joins a header that was sent twice with a comma, so a key never holds one: `k` sent twice would
/// otherwise be the new key `k,k`, and a second purchase.
pub fn optional_idempotency_key(request: &Request) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let raw = value.to_str().ok().filter(|raw| values.next().is_none() && !raw.contains(','));
    let key = raw.and_then(|raw| IdempotencyKey::parse(raw).ok());
    key.map(Some).ok_or_else(Problem::idempotency_key_invalid)
}

/// Hashes a request: organization, endpoint, and SHA-256 of the body with its members sorted. 413 for a body that is
/// too long, 400 `invalid_body` for one that is not JSON.
///
/// `endpoint` holds the method and the path with its ids, so that one body at two addresses is two requests.
pub fn fingerprint(
    organization: &OrganizationId,
    endpoint: &str,
    request: &Request,
) -> Result<Fingerprint, Problem> {
    let text = canonical(body(request)?).map_err(|error| invalid_body(&error))?;
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    Ok(Fingerprint::of(&[organization.as_str(), endpoint, &digest]))
}

/// A path parameter as an id. 404 when it is absent or not an id: no such record can exist.
pub fn path_id<T: TryFrom<String>>(request: &Request, name: &str) -> Result<T, Problem> {
    let raw = request.path_parameters_ref().and_then(|parameters| parameters.first(name));
    raw.and_then(|raw| T::try_from(raw.to_owned()).ok()).ok_or_else(Problem::not_found)
}

/// A typed reason. 400 `invalid_reason`, which says what is wrong with it.
pub fn reason<const MAX: usize>(raw: &str) -> Result<PersonText<MAX>, Problem> {
    PersonText::parse(raw)
        .map_err(|refused| Problem::bad_request("invalid_reason", format!("The reason {refused}.")))
}

/// A header's text, if it is there and is text.
#[must_use]
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// By the header Accept.
#[must_use]
pub fn accepts_csv(request: &Request) -> bool {
    csv_asked_for(request).is_some()
}

/// `text/csv;bom=1`: begin the CSV with a byte order mark, which a spreadsheet on Windows needs.
#[must_use]
pub fn accepts_byte_order_mark(request: &Request) -> bool {
    let parameters = csv_asked_for(request).unwrap_or_default();
    parameters.split(';').any(|parameter| parameter.replace(' ', "").eq_ignore_ascii_case("bom=1"))
}

/// The parameters of `text/csv` in the header Accept.
fn csv_asked_for(request: &Request) -> Option<&str> {
    let entries = header(request, "accept")?.split(',');
    entries
        .map(|entry| entry.split_once(';').unwrap_or((entry, "")))
        .find_map(|(media, parameters)| media.trim().eq_ignore_ascii_case("text/csv").then_some(parameters))
}

/// The origin that this request came to, for example `https://api.example`. API Gateway serves https alone; a
/// loopback host is http, since only the local stack has one.
#[must_use]
pub fn origin(request: &Request) -> String {
    let host = header(request, "host").or_else(|| request.uri().host()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let local = name == "127.0.0.1" || name == "localhost" || name.ends_with(".localhost");
    let scheme = if local { "http" } else { "https" };
    format!("{scheme}://{host}")
}

/// Panics when the value has no JSON: a fault of ours, which becomes a 500.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let text = serde_json::to_string(value);
    assert!(text.is_ok(), "an answer has JSON");
    content(status, "application/json", text.unwrap_or_default())
}

/// CSV that a browser saves as a file of this name.
#[must_use]
pub fn csv(file_name: &str, text: String) -> Response<Body> {
    let mut response = content(StatusCode::OK, "text/csv; charset=utf-8", text);
    set(response.headers_mut(), header::CONTENT_DISPOSITION, &attachment(file_name));
    response
}

pub fn content(status: StatusCode, content_type: &str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    set(response.headers_mut(), header::CONTENT_TYPE, content_type);
    response
}

#[must_use]
pub fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    response
}

/// Marks a response as the repetition of an earlier one: `idempotency-hit: true`.
#[must_use]
pub fn replayed(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(IDEMPOTENCY_HIT, HeaderValue::from_static("true"));
    response
}

/// The value of Content-Disposition for a download; unusual characters of the name become `_`.
pub(crate) fn attachment(file_name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | ' ');
    let name: String = file_name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    format!("attachment; filename=\"{name}\"")
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    let value = HeaderValue::from_str(value);
    assert!(value.is_ok(), "{name} is a header's text");
    if let Ok(value) = value {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests;
