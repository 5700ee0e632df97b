//! The signature of a webhook delivery, over the raw bytes of its body.
//!
//! Header: `Stripe-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>…][,v0=<hex>]`. Signed is `t`, a dot and the body as
//! it arrived; the key is the whole `whsec_…` string (docs.stripe.com/webhooks, "Verify manually"). Must not know:
//! what the body means.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// The largest difference between the signature's time and ours, in either direction.
pub const TOLERANCE_SECONDS: i64 = 300;

/// Length of an HMAC-SHA256.
const SIGNATURE_BYTES: usize = 32;

/// More candidates than Stripe ever sends; further ones are ignored.
const CANDIDATES_MAX: usize = 16;

/// Why a delivery is not Stripe's. It is refused with 400 and stored nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    #[error("the signature header is missing")]
    Missing,
    /// No readable `t`, or no readable `v1`.
    #[error("the signature header cannot be read")]
    Malformed,
    /// Signed longer ago than the tolerance.
    #[error("the signature is too old")]
    TooOld,
    /// Signed further ahead of our clock than the tolerance.
    #[error("the signature is from the future")]
    InFuture,
    /// No `v1` fits any of our secrets: another body, or another sender.
    #[error("the signature does not match")]
    NoMatch,
}

/// Whether `raw_body` was signed by a holder of one of `secrets`, within the tolerance of `now_unix_seconds`.
///
/// Every `v1` is tried against every secret, each comparison in constant time, so that a rolled secret works until
/// both sides know the new one. An empty secret never matches. `v0` and anything malformed is skipped. The time is
/// checked only after the signature matches: before that, anybody could have written it.
pub fn verify(
    raw_body: &[u8],
    header: Option<&str>,
    secrets: &[&str],
    now_unix_seconds: i64,
) -> Result<(), SignatureRefused> {
    let header = header.ok_or(SignatureRefused::Missing)?;
    let signed = Signed::parse(header).ok_or(SignatureRefused::Malformed)?;
    let mut fits = Choice::from(0);
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let Some(expected) = authentication_code(raw_body, secret, signed.time_text) else { continue };
        for candidate in &signed.candidates {
            fits |= expected.ct_eq(candidate);
        }
    }
    if !bool::from(fits) {
        return Err(SignatureRefused::NoMatch);
    }
    let age = now_unix_seconds.saturating_sub(signed.time);
    if age > TOLERANCE_SECONDS {
        return Err(SignatureRefused::TooOld);
    }
    if age < -TOLERANCE_SECONDS {
        return Err(SignatureRefused::InFuture);
    }
    Ok(())
}

/// The header that Stripe would send with `raw_body`, for tests and test servers.
pub fn sign(raw_body: &[u8], secret: &str, unix_seconds: i64) -> String {
    let time_text = unix_seconds.to_string();
    let signature = authentication_code(raw_body, secret, &time_text).map(hex::encode).unwrap_or_default();
    format!("t={time_text},v1={signature}")
}

/// What a header claims.
struct Signed<'a> {
    /// Exactly as in the header, because this text is what was signed.
    time_text: &'a str,
    time: i64,
    candidates: Vec<[u8; SIGNATURE_BYTES]>,
}

impl<'a> Signed<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
        let time_text = parts().find(|(name, _)| *name == "t")?.1;
        let time = time_text.parse().ok()?;
        let candidates: Vec<_> = parts()
            .filter(|(name, _)| *name == "v1")
            .filter_map(|(_, text)| decode(text))
            .take(CANDIDATES_MAX)
            .collect();
        (!candidates.is_empty()).then_some(Self { time_text, time, candidates })
    }
}

fn decode(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let mut bytes = [0; SIGNATURE_BYTES];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

/// `None` never happens with this algorithm, which takes a key of any length.
fn authentication_code(raw_body: &[u8], secret: &str, time_text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    code.update(time_text.as_bytes());
    code.update(b".");
    code.update(raw_body);
    Some(code.finalize().into_bytes().into())
}
