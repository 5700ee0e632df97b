//! Events of API Gateway's HTTP API, payload version 2.0, read by lambda_http as on AWS.

use base64::Engine;
use lambda_http::{Body, Request, Response};
use platform::Problem;
use serde_json::{Value, json};

/// A call of the API in the making.
///
/// What the gateway does to a call is done here too, so that no test shows a function what it never gets: names of
/// headers in lower case, values of one name joined with a comma (headers and query parameters), cookies apart from
/// the headers, and a body in base64 unless its type is text or JSON.
#[derive(Debug, Clone)]
pub struct Call {
    event: Value,
    body: Option<Vec<u8>>,
}

impl Call {
    /// A call of this method and path, by nobody yet.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let http = json!({"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
            "userAgent": "test"});
        let event = json!({
            "version": "2.0", "routeKey": format!("{method} {path}"), "rawPath": path, "rawQueryString": query,
            "headers": {"host": "api.example"},
            "requestContext": {
                "accountId": "123456789012", "apiId": "api", "stage": "$default", "requestId": "gw-1",
                "domainName": "api.example", "domainPrefix": "api", "routeKey": format!("{method} {path}"),
                "time": "22/Nov/2026:08:00:00 +0000", "timeEpoch": 1_795_334_400_000_i64, "http": http,
            },
            "isBase64Encoded": false,
        });
        let mut call = Self { event, body: None };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            join(&mut call.event["queryStringParameters"][name], value);
        }
        call
    }

    /// By somebody of an organization, as the JWT authorizer hands on an id token.
    #[must_use]
    pub fn by(self, organization: &str, role: &str) -> Self {
        self.by_user(&format!("sub-{organization}"), organization, role)
    }

    /// By this one of an organization.
    #[must_use]
    pub fn by_user(self, subject: &str, organization: &str, role: &str) -> Self {
        let claims = json!({"sub": subject, "token_use": "id", "custom:organization_id": organization,
            "custom:role": role});
        self.with_claims(claims)
    }

    /// With these claims.
    #[must_use]
    pub fn with_claims(mut self, claims: Value) -> Self {
        self.event["requestContext"]["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
        self
    }

    /// With a header; the same name again is a second header of that name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        join(&mut self.event["headers"][name.to_ascii_lowercase()], value);
        self
    }

    /// With a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: &str) -> Self {
        match self.event["cookies"].as_array_mut() {
            Some(cookies) => cookies.push(json!(cookie)),
            None => self.event["cookies"] = json!([cookie]),
        }
        self
    }

    /// With a path parameter.
    #[must_use]
    pub fn id(mut self, name: &str, value: &str) -> Self {
        self.event["pathParameters"] = json!({name: value});
        self
    }

    /// With a body; JSON, if no other type is named in a header.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The gateway's event.
    ///
    /// # Panics
    /// When a body whose type is text is none.
    #[must_use]
    pub fn event(&self) -> Value {
        let mut event = self.event.clone();
        let Some(body) = &self.body else { return event };
        let kind = event["headers"]["content-type"].as_str().unwrap_or("application/json").to_owned();
        let is_text = kind.starts_with("text/")
            || ["application/json", "application/javascript", "application/xml"]
                .iter()
                .any(|text| kind.starts_with(text));
        event["headers"]["content-type"] = json!(kind);
        event["headers"]["content-length"] = json!(body.len().to_string());
        event["isBase64Encoded"] = json!(!is_text);
        event["body"] = json!(if is_text {
            String::from_utf8(body.clone()).expect("a text")
        } else {
            base64::engine::general_purpose::STANDARD.encode(body)
        });
        event
    }

    /// As the function is given it.
    ///
    /// # Panics
    /// When it is no event of the gateway.
    #[must_use]
    pub fn request(&self) -> Request {
        lambda_http::request::from_str(&self.event().to_string()).expect("a payload 2.0 event")
    }
}

/// Joins a further value of one name, as the gateway does.
fn join(place: &mut Value, value: &str) {
    *place = match place.as_str() {
        Some(earlier) => json!(format!("{earlier},{value}")),
        None => json!(value),
    };
}

/// The response that a handler's answer becomes.
#[must_use]
pub fn respond(answer: Result<Response<Body>, Problem>) -> Response<Body> {
    answer.unwrap_or_else(Response::from)
}

/// Status and JSON body of an answer; `null` when the body is not JSON.
#[must_use]
pub fn read(response: &Response<Body>) -> (u16, Value) {
    let body = serde_json::from_slice(response.body().as_ref()).unwrap_or(Value::Null);
    (response.status().as_u16(), body)
}

/// Asserts a problem+json answer of this status and code, with a sentence for people.
#[track_caller]
pub fn assert_problem(response: &Response<Body>, status: u16, code: &str) -> Value {
    let (found, body) = read(response);
    assert_eq!((found, body["code"].as_str().unwrap_or("")), (status, code), "{body}");
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    assert_eq!(kind, Some("application/problem+json"));
    for member in ["type", "title", "detail"] {
        assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member} in {body}");
    }
    body
}
