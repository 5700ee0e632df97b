//! Events of API Gateway's HTTP API, payload version 2.0, for this crate's tests.

use lambda_http::Request;
use serde_json::{Value, json};

/// The claims of an id token, as the JWT authorizer passes them on.
pub fn claims(organization: &str, role: Option<&str>) -> Value {
    let mut claims = json!({
        "sub": "user-1", "token_use": "id", "email_verified": "true", "custom:organization_id": organization,
    });
    if let Some(role) = role {
        claims["custom:role"] = role.into();
    }
    claims
}

/// An event with these claims and no body.
pub fn event(method: &str, path: &str, claims: Value) -> Value {
    json!({
        "version": "2.0", "routeKey": format!("{method} {path}"), "rawPath": path, "rawQueryString": "",
        "headers": {"host": "api.example", "accept": "application/json"},
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "stage": "$default", "requestId": "gw-1",
            "domainName": "api.example", "domainPrefix": "api", "routeKey": format!("{method} {path}"),
            "time": "22/Nov/2026:08:00:00 +0000", "timeEpoch": 1_795_334_400_000_i64,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "test"},
            "authorizer": {"jwt": {"claims": claims, "scopes": null}},
        },
        "isBase64Encoded": false,
    })
}

/// The request that a function gets for an event.
pub fn request(event: Value) -> Request {
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

pub fn post(body: &str) -> Request {
    let mut event = event("POST", "/api/audience/purchase", claims("org_alder", Some("owner")));
    event["body"] = body.into();
    request(event)
}

pub fn get(query: &str) -> Request {
    get_with(query, &[])
}

/// As the gateway does, it joins the values of one name with commas, of a header and of a query parameter alike, and
/// writes the names of headers in lower case.
pub fn get_with(query: &str, headers: &[(&str, &str)]) -> Request {
    let mut event = event("GET", "/api/credits/transactions", claims("org_alder", None));
    event["rawQueryString"] = query.into();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        join(&mut event["queryStringParameters"][name], value);
    }
    for (name, value) in headers {
        join(&mut event["headers"][name.to_ascii_lowercase()], value);
    }
    request(event)
}

fn join(place: &mut Value, value: &str) {
    *place = match place.as_str() {
        Some(earlier) => format!("{earlier},{value}").into(),
        None => value.into(),
    };
}
