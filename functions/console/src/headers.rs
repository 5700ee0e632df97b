//! The response headers that every answer of the console carries.

use lambda_http::http::HeaderMap;
use lambda_http::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};

/// Fixed headers: nothing is sniffed, framed, referred or cached without asking again.
const FIXED: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ("cross-origin-resource-policy", "same-origin"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    // Files have no version in their names: the browser keeps them and asks with the ETag each time.
    ("cache-control", "no-cache"),
];

/// Adds the fixed headers and the content security policy to `headers`.
pub(crate) fn protect(headers: &mut HeaderMap, policy: &HeaderValue) {
    for (name, value) in FIXED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
}
