//! What a failure asks of whoever handles it.

use std::error::Error;

/// What a failure means for the caller and for the people who run the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Something outside gave no answer: the same request may be sent again (503).
    TryAgain,
    /// Other writers were in the way: the same request may be sent again (503). Normal for a busy account, so
    /// an alarm counts its rate and never one line.
    Contended,
    /// A vendor asks to be asked less often: the same request may be sent again after so many seconds (429).
    /// Nothing is wrong.
    Busy {
        /// When to ask again, in seconds from now.
        retry_after_seconds: u64,
    },
    /// A key or a right is wrong: the same request may be sent again (503), and succeeds once a person has mended it;
    /// the log line raises the alarm of this name.
    Misconfigured(&'static str),
    /// No repetition mends it (500); the log line raises the alarm of this name.
    Fault(&'static str),
}

/// A failure that knows what it means.
pub trait Failing: Error {
    /// What it means.
    fn meaning(&self) -> Meaning;
}
