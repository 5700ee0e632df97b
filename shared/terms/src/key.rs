//! The caller's Idempotency-Key.

/// Why a header is not an idempotency key. Worded for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to 255 printable ASCII characters")]
pub struct KeyError;

/// 1 to 255 printable ASCII characters, chosen by the caller, never forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub const LENGTH_MAX: usize = 255;

    pub fn parse(raw: &str) -> Result<Self, KeyError> {
        let printable = raw.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
        if (1..=Self::LENGTH_MAX).contains(&raw.len()) && printable {
            Ok(Self(raw.to_owned()))
        } else {
            Err(KeyError)
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hold_at_255_and_break_at_256() {
        assert!(IdempotencyKey::parse(&"k".repeat(255)).is_ok());
        for bad in [String::new(), "k".repeat(256), "a\nb".into(), "é".into()] {
            assert_eq!(IdempotencyKey::parse(&bad), Err(KeyError));
        }
    }
}
