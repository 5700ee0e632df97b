//! A hash that tells a repetition from a different request under the same id.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// SHA-256 over the content of a cause: the same cause with other content is refused.
///
/// Of our own requests: organization, endpoint and canonical body. Of a Stripe fact: organization, kind, Stripe's own
/// amount, currency and business ids, never a figure that we computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Each part is prefixed with its length, so that no two lists of parts give one fingerprint.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hex::encode(hasher.finalize()))
    }

    /// 64 characters of lower-case hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
