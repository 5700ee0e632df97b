//! How a failure is to be handled.

use std::error::Error;

/// What a failure means for the caller (the HTTP status) and for the people who run the service (the alarm).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// An outside service did not respond: the same request may be sent again (503).
    TryAgain,
    /// Other writers were in the way: the same request may be sent again (503). Normal for a busy account, so an
    /// alarm counts its rate and never a single line.
    Contended,
    /// A vendor limits our rate: the same request may be sent again later (429). Nothing is wrong.
    Busy { retry_after_seconds: u64 },
    /// A key or a permission is wrong: the same request succeeds once a person has corrected it (503). The log line
    /// raises the alarm of this name.
    Misconfigured(&'static str),
    /// Repeating the request does not help (500). The log line raises the alarm of this name.
    Fault(&'static str),
}

/// A failure that says how it is to be handled.
pub trait Failing: Error {
    fn meaning(&self) -> Meaning;
}
