//! Live or test.

use serde::{Deserialize, Serialize};

/// Whether a vendor bills for it. Stored and sent under the name `environment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Bought or mailed, and charged.
    #[default]
    Live,
    /// With the vendor's test key: nothing is delivered, held or charged.
    Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("environment must be live or test")]
pub struct NotAMode;

impl Mode {
    pub fn parse(raw: &str) -> Result<Self, NotAMode> {
        match raw {
            "live" => Ok(Self::Live),
            "test" => Ok(Self::Test),
            _ => Err(NotAMode),
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}
