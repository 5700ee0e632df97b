//! Why a request failed, sorted by what the caller can do about it. Codes, types and ids only: Stripe's message texts
//! may quote what the customer typed.

use std::fmt::Display;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use stripe_client_core::StripeClientErr;
use vendor_http::HttpFailure;

/// A definite refusal, without Stripe's message text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status; 0 when the request was refused here and never sent.
    pub status: u16,
    /// `error.type`; `api_error` when the response names none.
    pub kind: String,
    /// `error.code`, for example `resource_missing`.
    pub code: Option<String>,
    /// `error.decline_code` of a card.
    pub decline_code: Option<String>,
    /// `error.param`: the field that Stripe objects to.
    pub param: Option<String>,
    /// `error.payment_intent`: the `pi_…` that a declined payment leaves, which the customer may still pay
    /// (docs.stripe.com/error-handling, "Payment errors").
    pub payment_intent: Option<String>,
    /// Header `Request-Id`, for Stripe's support.
    pub request_id: Option<String>,
}

impl Refusal {
    /// For an id or key that cannot be valid.
    pub(crate) fn never_sent(param: &str) -> StripeFailure {
        StripeFailure::InvalidRequest(Box::new(Self {
            status: 0,
            kind: "invalid_request_error".to_owned(),
            code: Some("never_sent".to_owned()),
            decline_code: None,
            param: Some(param.to_owned()),
            payment_intent: None,
            request_id: None,
        }))
    }
}

/// Why a request has no usable response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StripeFailure {
    /// The payment was declined. Definite: nothing happened, the same request is declined again.
    #[error("Stripe declined the payment ({})", .0.code.as_deref().unwrap_or(&.0.kind))]
    Declined(Box<Refusal>),
    /// Stripe refuses the request as it is. Definite: nothing happened, the same request is refused again.
    #[error("Stripe refused the request ({})", .0.code.as_deref().unwrap_or(&.0.kind))]
    InvalidRequest(Box<Refusal>),
    /// The key is wrong or lacks the permission. Nothing happened.
    #[error("Stripe does not accept the key (HTTP {status})")]
    Unauthorized {
        /// 401 or 403.
        status: u16,
    },
    /// Too many requests, retries included. Nothing happened.
    #[error("Stripe limits the rate of requests")]
    RateLimited,
    /// No attempt got a connection. Nothing happened.
    #[error("Stripe cannot be reached")]
    NotReached,
    /// Stripe had an internal error. The request may have taken effect; the same key repeats it safely for 24 h.
    #[error("Stripe is unavailable (HTTP {status})")]
    Unavailable {
        /// 5xx, or 424.
        status: u16,
    },
    /// Time-out or lost connection after sending, or a request with the same key is in progress (409). It may have
    /// taken effect; the same key repeats it safely for 24 h.
    #[error("Stripe did not answer; whether the request took effect is unknown")]
    Unknown,
    /// A response that is not what Stripe documents. The request may have taken effect.
    #[error("Stripe's answer cannot be read")]
    Undecodable,
}

impl StripeFailure {
    /// Nothing happened, and the same request fails again.
    pub fn is_definite(&self) -> bool {
        matches!(self, Self::Declined(_) | Self::InvalidRequest(_))
    }

    /// Of [`Self::Declined`] or [`Self::InvalidRequest`].
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Declined(refusal) | Self::InvalidRequest(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The object does not exist, or not under this key: code `resource_missing`, or HTTP 404
    /// (docs.stripe.com/error-codes).
    pub fn is_missing(&self) -> bool {
        let Self::InvalidRequest(refusal) = self else { return false };
        refusal.status == 404 || refusal.code.as_deref() == Some("resource_missing")
    }

    /// The request may have taken effect.
    pub(crate) fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Unknown | Self::Undecodable)
    }

    /// Worth another attempt with the same key, unless Stripe says otherwise.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::NotReached | Self::RateLimited | Self::Unavailable { .. } | Self::Unknown)
    }

    /// What the last attempt's failure means when an earlier attempt may have taken effect. Only a definite refusal
    /// proves that none did: Stripe responds to a key with the result of its one execution.
    pub(crate) fn after_doubt(self) -> Self {
        match self {
            Self::Unauthorized { .. } | Self::RateLimited | Self::NotReached => Self::Unknown,
            definite_or_doubtful => definite_or_doubtful,
        }
    }

    /// For a status that is not 2xx.
    pub(crate) fn from_answer(status: u16, body: &[u8], request_id: Option<String>) -> Self {
        let error =
            serde_json::from_slice::<Envelope>(body).map(|envelope| envelope.error).unwrap_or_default();
        let declined = status == 402 || error.kind.as_deref() == Some("card_error");
        match status {
            401 | 403 => Self::Unauthorized { status },
            // The key was used with other parameters, with an unknown result.
            400 if error.kind.as_deref() == Some("idempotency_error") => Self::Unknown,
            408 | 409 => Self::Unknown,
            429 => Self::RateLimited,
            424 | 500..=599 => Self::Unavailable { status },
            400..=499 if declined => Self::Declined(error.into_refusal(status, request_id)),
            400..=499 => Self::InvalidRequest(error.into_refusal(status, request_id)),
            _ => Self::Undecodable,
        }
    }

    pub(crate) fn from_transport(failure: HttpFailure) -> Self {
        if failure.is_unsent() { Self::NotReached } else { Self::Unknown }
    }
}

impl StripeClientErr for StripeFailure {
    fn deserialize_err(_: impl Display) -> Self {
        Self::Undecodable
    }
}

/// A configuration with which no request can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    #[error("the vendor's base URL is not an absolute http(s) URL")]
    BaseUrl,
    #[error("the vendor's key is empty or cannot be sent in a header")]
    Key,
}

#[derive(Deserialize)]
struct Envelope {
    error: ErrorBody,
}

/// Every field is optional: proxies in front of Stripe send errors of their own.
#[derive(Default, Deserialize)]
struct ErrorBody {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    param: Option<String>,
    #[serde(default, deserialize_with = "id_of")]
    payment_intent: Option<String>,
}

/// An id, or the id of an object. Anything else is `None`, so that the codes beside it are not lost.
fn id_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let found = Value::deserialize(deserializer)?;
    Ok(found.get("id").unwrap_or(&found).as_str().map(str::to_owned))
}

impl ErrorBody {
    fn into_refusal(self, status: u16, request_id: Option<String>) -> Box<Refusal> {
        Box::new(Refusal {
            status,
            kind: self.kind.unwrap_or_else(|| "api_error".to_owned()),
            code: self.code,
            decline_code: self.decline_code,
            param: self.param,
            payment_intent: self.payment_intent,
            request_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str) -> StripeFailure {
        StripeFailure::from_answer(status, body.as_bytes(), Some("req_1".to_owned()))
    }

    #[test]
    fn a_declined_card_is_definite_and_named_by_its_codes() {
        let failure = check(
            402,
            r#"{"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds",
                "message":"Ana Ruiz's card was declined","param":null}}"#,
        );
        assert!(failure.is_definite());
        let StripeFailure::Declined(refusal) = &failure else { panic!("{failure:?}") };
        assert_eq!(refusal.code.as_deref(), Some("card_declined"));
        assert_eq!(refusal.decline_code.as_deref(), Some("insufficient_funds"));
        assert_eq!(refusal.request_id.as_deref(), Some("req_1"));
        assert!(!format!("{failure:?} {failure}").contains("Ana"));
    }

    #[test]
    fn a_decline_names_the_payment_intent_that_it_leaves_behind() {
        let decline = |payment_intent: &str| {
            let body = format!(
                r#"{{"error":{{"type":"card_error","code":"authentication_required",
                    "payment_intent":{payment_intent}}}}}"#
            );
            let failure = check(402, &body);
            let refusal = failure.refusal().unwrap();
            assert_eq!(refusal.code.as_deref(), Some("authentication_required"), "{payment_intent}");
            refusal.payment_intent.clone()
        };
        let whole = r#"{"id":"pi_1","object":"payment_intent","status":"requires_payment_method"}"#;
        assert_eq!(decline(whole).as_deref(), Some("pi_1"));
        assert_eq!(decline(r#""pi_1""#).as_deref(), Some("pi_1"));
        for nothing in ["null", "{}", "[]", "7", r#"{"id":7}"#] {
            assert_eq!(decline(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn only_what_does_not_exist_is_missing() {
        let missing = r#"{"error":{"type":"invalid_request_error","code":"resource_missing"}}"#;
        assert!(check(404, missing).is_missing());
        assert!(check(400, missing).is_missing());
        assert!(check(404, "not here").is_missing());
        assert!(!check(400, r#"{"error":{"code":"amount_too_small"}}"#).is_missing());
        assert!(!check(402, missing).is_missing());
        assert!(!check(503, missing).is_missing());
        assert!(!Refusal::never_sent("session").is_missing());
        assert_eq!(StripeFailure::Unknown.refusal(), None);
    }

    #[test]
    fn a_parameter_error_names_the_parameter() {
        let failure = check(
            400,
            r#"{"error":{"type":"invalid_request_error","code":"parameter_invalid_integer",
                "param":"expires_at"}}"#,
        );
        let StripeFailure::InvalidRequest(refusal) = failure else { panic!("{failure:?}") };
        assert_eq!(refusal.param.as_deref(), Some("expires_at"));
    }

    #[test]
    fn statuses_become_choices() {
        assert_eq!(check(401, "{}"), StripeFailure::Unauthorized { status: 401 });
        assert_eq!(check(403, "<html>"), StripeFailure::Unauthorized { status: 403 });
        assert_eq!(check(409, "{}"), StripeFailure::Unknown);
        assert_eq!(check(429, "{}"), StripeFailure::RateLimited);
        assert_eq!(check(503, "gateway"), StripeFailure::Unavailable { status: 503 });
        assert_eq!(check(302, ""), StripeFailure::Undecodable);
    }

    #[test]
    fn a_client_error_without_an_envelope_is_still_a_definite_refusal() {
        let StripeFailure::InvalidRequest(refusal) = check(404, "not here") else { panic!("not a refusal") };
        assert_eq!((refusal.status, refusal.kind.as_str()), (404, "api_error"));
    }

    #[test]
    fn doubt_survives_an_attempt_that_certainly_did_nothing() {
        assert_eq!(StripeFailure::NotReached.after_doubt(), StripeFailure::Unknown);
        assert_eq!(StripeFailure::RateLimited.after_doubt(), StripeFailure::Unknown);
        assert!(check(402, r#"{"error":{"type":"card_error"}}"#).after_doubt().is_definite());
    }
}
