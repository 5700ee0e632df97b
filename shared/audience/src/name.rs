//! What an owner calls an audience.

use crate::limits::NAME_LENGTH_MAX;
use serde::{Deserialize, Serialize};

/// Why a text is not an audience's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {NAME_LENGTH_MAX} characters and no line breaks")]
pub struct NameRefused;

/// An audience's name: 1 to 120 characters without control characters, spaces at its ends cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AudienceName(String);

impl AudienceName {
    /// Takes a name as typed.
    ///
    /// # Errors
    /// [`NameRefused`].
    pub fn parse(raw: &str) -> Result<Self, NameRefused> {
        let name = raw.trim();
        let fits = (1..=NAME_LENGTH_MAX).contains(&name.chars().count());
        if fits && !name.chars().any(char::is_control) { Ok(Self(name.to_owned())) } else { Err(NameRefused) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AudienceName {
    type Error = NameRefused;
    fn try_from(raw: String) -> Result<Self, NameRefused> {
        Self::parse(&raw)
    }
}

impl From<AudienceName> for String {
    fn from(name: AudienceName) -> String {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_at_120_characters_and_break_at_121() {
        assert_eq!(
            AudienceName::parse("  Tampa homeowners ").map(String::from),
            Ok("Tampa homeowners".into())
        );
        assert!(AudienceName::parse(&"ü".repeat(120)).is_ok());
        for bad in [String::new(), "  ".into(), "n".repeat(121), "a\nb".into()] {
            assert_eq!(AudienceName::parse(&bad), Err(NameRefused), "{bad:?}");
        }
    }
}
