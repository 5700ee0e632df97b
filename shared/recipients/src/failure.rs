//! Why recipients were not read or written.

use platform::ObjectFailure;
use terms::{Failing, Meaning};

#[derive(Debug, thiserror::Error)]
pub enum RecipientsFailure {
    #[error("a page of recipients was not read or written")]
    Object(#[from] ObjectFailure),
    /// A list, its pages and their rows do not match. Never quotes what is stored.
    #[error("the stored recipients cannot be read: {0}")]
    Damaged(&'static str),
}

impl Failing for RecipientsFailure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Object(failure) => failure.meaning(),
            Self::Damaged(_) => Meaning::Fault("record-damaged"),
        }
    }
}
