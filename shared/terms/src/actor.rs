//! Who caused a movement.

use serde::{Deserialize, Serialize};

/// Who caused a movement: `user:<subject>`, `finance:<subject>`, a vendor's name or `system:<function>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actor(String);

impl Actor {
    /// A signed-in member of the organization, by the token's subject.
    #[must_use]
    pub fn user(subject: &str) -> Self {
        Self(format!("user:{subject}"))
    }

    /// A finance administrator of DropLab, by the token's subject.
    #[must_use]
    pub fn finance(subject: &str) -> Self {
        Self(format!("finance:{subject}"))
    }

    /// Stripe, by a signed webhook or the response to a request of ours.
    #[must_use]
    pub fn stripe() -> Self {
        Self("stripe".to_owned())
    }

    /// One of our scheduled or queue-driven functions.
    #[must_use]
    pub fn system(function: &str) -> Self {
        Self(format!("system:{function}"))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
