//! What the outcome of a call proves: the difference between "not printed" and "perhaps printed" is money.

use std::fmt;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use serde::Deserialize;

use crate::card::Card;
use vendor_http::HttpFailure;

/// The longest message that is stored, in characters.
const MESSAGE_LENGTH_MAX: usize = 300;

/// The outcome of creating a postcard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// PostGrid has the postcard, from this call or from an earlier one with the same key.
    Accepted(Card),
    /// PostGrid refuses this postcard as it is. It does not exist, and the same request is refused again.
    Refused(Refusal),
    /// The postcard does not exist, for a reason that affects every other postcard as well.
    Trouble(Trouble),
    /// The postcard may exist. Within 24 h, repeating with the same key is safe; after that, look it up.
    Ambiguous(Doubt),
}

/// A definite refusal of one request.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `error.type`, for example `validation_error`; `unknown_error` when the response names none.
    pub kind: String,
    /// PostGrid's text, at most 300 characters. It may quote the address: it may be stored with the piece, never
    /// logged.
    pub message: String,
}

impl fmt::Debug for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Refusal");
        shown.field("status", &self.status).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Nothing happened, and nothing will while the cause lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The key, the account or the address of the service is wrong; a person must act.
    Unauthorized {
        /// 401, 402, 403, 404 or 405.
        status: u16,
    },
    /// Too many requests (429).
    RateLimited {
        /// Header `Retry-After`, if it is in seconds.
        retry_after: Option<Duration>,
    },
    /// No connection was made.
    NotReached,
}

/// The request may have taken effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Time-out or lost connection after sending.
    NoAnswer,
    /// HTTP 5xx.
    ServerError { status: u16 },
    /// A request with the same key is in progress (409).
    InFlight,
    /// A response that is not what PostGrid documents.
    Unreadable {
        /// HTTP status.
        status: u16,
    },
}

/// Why a postcard cannot be read or cancelled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostGridFailure {
    /// Every other call would fail the same way.
    #[error("PostGrid cannot be used at the moment")]
    Trouble(Trouble),
    /// Not under this key.
    #[error("PostGrid has no such card")]
    NotFound,
    /// PostGrid refuses the request as it is.
    #[error("PostGrid refused the request (HTTP {}, {})", .0.status, .0.kind)]
    Refused(Refusal),
    /// No usable response; a cancellation may have taken effect.
    #[error("PostGrid gave no usable answer")]
    Doubt(Doubt),
}

/// The outcome of cancelling a postcard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// It will not be printed, by this call or by an earlier one.
    Cancelled,
    /// It is no longer `ready`: it will be printed.
    TooLate,
}

/// A response before it is interpreted.
pub(crate) struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub body: bytes::Bytes,
}

impl Answer {
    pub(crate) async fn read(answer: reqwest::Response) -> Result<Self, HttpFailure> {
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let body = answer.bytes().await.map_err(|_| HttpFailure::Lost)?;
        Ok(Self { status, retry_after, body })
    }

    pub(crate) fn card(&self) -> Result<Card, Doubt> {
        serde_json::from_slice(&self.body).map_err(|_| Doubt::Unreadable { status: self.status })
    }
}

/// What the response to a create proves.
pub(crate) fn created(answer: Result<Answer, HttpFailure>) -> Created {
    let answer = match answer {
        Ok(answer) => answer,
        Err(silence) if silence.is_unsent() => return Created::Trouble(Trouble::NotReached),
        Err(_) => return Created::Ambiguous(Doubt::NoAnswer),
    };
    let status = answer.status;
    match status {
        200..=299 => answer.card().map_or_else(Created::Ambiguous, Created::Accepted),
        401..=405 => Created::Trouble(Trouble::Unauthorized { status }),
        408 => Created::Ambiguous(Doubt::NoAnswer),
        409 => Created::Ambiguous(Doubt::InFlight),
        429 => Created::Trouble(Trouble::RateLimited { retry_after: answer.retry_after }),
        400..=499 => Created::Refused(refusal(status, &answer.body)),
        500..=599 => Created::Ambiguous(Doubt::ServerError { status }),
        _ => Created::Ambiguous(Doubt::Unreadable { status }),
    }
}

/// The response to a call about an existing postcard, if it is 2xx.
pub(crate) fn answered(answer: Result<Answer, HttpFailure>) -> Result<Answer, PostGridFailure> {
    let answer = answer.map_err(|silence| match silence.is_unsent() {
        true => PostGridFailure::Trouble(Trouble::NotReached),
        false => PostGridFailure::Doubt(Doubt::NoAnswer),
    })?;
    let status = answer.status;
    Err(match status {
        200..=299 => return Ok(answer),
        404 => PostGridFailure::NotFound,
        401..=403 | 405 => PostGridFailure::Trouble(Trouble::Unauthorized { status }),
        408 => PostGridFailure::Doubt(Doubt::NoAnswer),
        429 => PostGridFailure::Trouble(Trouble::RateLimited { retry_after: answer.retry_after }),
        400..=499 => PostGridFailure::Refused(refusal(status, &answer.body)),
        500..=599 => PostGridFailure::Doubt(Doubt::ServerError { status }),
        _ => PostGridFailure::Doubt(Doubt::Unreadable { status }),
    })
}

/// Reads both error envelopes of PostGrid's products: `{"error":{"type","message"}}` of print and mail, and
/// `{"status":"error","message"}` of address verification.
fn refusal(status: u16, body: &[u8]) -> Refusal {
    #[derive(Deserialize, Default)]
    struct Envelope {
        #[serde(default)]
        error: Option<ErrorBody>,
        #[serde(default)]
        message: Option<String>,
    }
    #[derive(Deserialize)]
    struct ErrorBody {
        #[serde(default, rename = "type")]
        kind: Option<String>,
        #[serde(default)]
        message: Option<String>,
    }
    let envelope: Envelope = serde_json::from_slice(body).unwrap_or_default();
    let (kind, message) = match envelope.error {
        Some(error) => (error.kind, error.message),
        None => (None, envelope.message),
    };
    Refusal {
        status,
        kind: kind.unwrap_or_else(|| "unknown_error".to_owned()),
        message: message.unwrap_or_default().chars().take(MESSAGE_LENGTH_MAX).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str) -> Created {
        let retry_after = Some(Duration::from_secs(5));
        created(Ok(Answer { status, retry_after, body: bytes::Bytes::copy_from_slice(body.as_bytes()) }))
    }

    fn refused(body: &str) -> (String, String) {
        let Created::Refused(refusal) = check(422, body) else { panic!("{body}") };
        (refusal.kind, refusal.message)
    }

    #[test]
    fn both_envelopes_and_neither_are_refusals() {
        let print = r#"{"object":"error","error":{"type":"validation_error","message":"to is invalid"}}"#;
        assert_eq!(refused(print), ("validation_error".to_owned(), "to is invalid".to_owned()));
        let verification = r#"{"status":"error","message":"no such address","data":null}"#;
        assert_eq!(refused(verification), ("unknown_error".to_owned(), "no such address".to_owned()));
        for neither in ["", "<html>", "[]", "null", r#"{"error":"text"}"#] {
            assert_eq!(refused(neither), ("unknown_error".to_owned(), String::new()), "{neither}");
        }
        let long = format!(r#"{{"message":"{}"}}"#, "é".repeat(400));
        assert_eq!(refused(&long).1.chars().count(), MESSAGE_LENGTH_MAX);
    }

    #[test]
    fn only_an_answer_about_the_postcard_is_a_refusal() {
        for status in [400, 413, 415, 422] {
            assert!(matches!(check(status, "{}"), Created::Refused(_)), "{status}");
        }
        for status in [401, 402, 403, 404, 405] {
            assert_eq!(check(status, "{}"), Created::Trouble(Trouble::Unauthorized { status }));
        }
        let limited = Trouble::RateLimited { retry_after: Some(Duration::from_secs(5)) };
        assert_eq!(check(429, "{}"), Created::Trouble(limited));
        assert_eq!(created(Err(HttpFailure::NotReached)), Created::Trouble(Trouble::NotReached));
    }

    #[test]
    fn whatever_proves_nothing_is_ambiguous() {
        assert_eq!(created(Err(HttpFailure::Lost)), Created::Ambiguous(Doubt::NoAnswer));
        assert_eq!(check(408, ""), Created::Ambiguous(Doubt::NoAnswer));
        assert_eq!(check(409, "{}"), Created::Ambiguous(Doubt::InFlight));
        for status in [500, 502, 503, 504] {
            assert_eq!(check(status, "{}"), Created::Ambiguous(Doubt::ServerError { status }));
        }
        assert_eq!(check(200, "{}"), Created::Ambiguous(Doubt::Unreadable { status: 200 }));
        assert_eq!(check(201, "<html>"), Created::Ambiguous(Doubt::Unreadable { status: 201 }));
        assert_eq!(check(302, ""), Created::Ambiguous(Doubt::Unreadable { status: 302 }));
    }

    #[test]
    fn the_message_stays_out_of_debug() {
        let body = r#"{"error":{"type":"validation_error","message":"1 Main St is wrong"}}"#;
        assert!(!format!("{:?}", check(400, body)).contains("Main"));
    }
}
