//! Events of API Gateway's HTTP API, payload version 2.0, read by lambda_http as on AWS.

use lambda_http::{Body, Request, Response};
use serde_json::{Value, json};

/// A call of the API in the making.
#[derive(Debug, Clone)]
pub struct Call {
    event: Value,
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
            "headers": {"host": "api.example", "accept": "application/json"},
            "requestContext": {
                "accountId": "123456789012", "apiId": "api", "stage": "$default", "requestId": "gw-1",
                "domainName": "api.example", "domainPrefix": "api", "routeKey": format!("{method} {path}"),
                "time": "22/Nov/2026:08:00:00 +0000", "timeEpoch": 1_795_334_400_000_i64, "http": http,
            },
            "isBase64Encoded": false,
        });
        Self { event }
    }

    /// By somebody of an organization, as the JWT authorizer hands on an id token.
    #[must_use]
    pub fn by(self, organization: &str, role: &str) -> Self {
        let claims = json!({"sub": format!("sub-{organization}"), "token_use": "id",
            "custom:organization_id": organization, "custom:role": role});
        self.with_claims(claims)
    }

    /// With these claims.
    #[must_use]
    pub fn with_claims(mut self, claims: Value) -> Self {
        self.event["requestContext"]["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.event["headers"][name] = json!(value);
        self
    }

    /// With a path parameter.
    #[must_use]
    pub fn id(mut self, name: &str, value: &str) -> Self {
        self.event["pathParameters"] = json!({name: value});
        self
    }

    /// With a body, as text.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.event["body"] = json!(body.into());
        self
    }

    /// With a body that the gateway encodes in base64.
    #[must_use]
    pub fn body_base64(mut self, encoded: &str) -> Self {
        self.event["body"] = json!(encoded);
        self.event["isBase64Encoded"] = json!(true);
        self
    }

    /// As the function is given it.
    #[must_use]
    pub fn request(&self) -> Request {
        lambda_http::request::from_str(&self.event.to_string()).expect("a payload 2.0 event")
    }
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
