//! How a failure is logged: once, where it is handled, with its whole chain of sources.
//!
//! Logs hold ids and the steps that failed; never a body, a token, an address or a name.

use std::error::Error;
use terms::{Failing, Meaning};

/// Logs a failure as an error, with what caused it. `step` is a sentence: `"the ledger could not be read"`.
#[track_caller]
pub fn failure(step: &str, error: &dyn Error) {
    let born = std::panic::Location::caller();
    tracing::error!(step, cause = %chain(error), at = %born, "{step}");
}

/// Logs a failure by its meaning: a fault with the alarm that calls a person; a busy vendor as a warning; contention
/// as a warning with the field by which its rate is counted; everything else as [`failure`] does.
#[track_caller]
pub fn failing(step: &str, failed: &(dyn Failing + 'static)) {
    let born = std::panic::Location::caller();
    let cause = chain_of(failed);
    match failed.meaning() {
        Meaning::TryAgain => tracing::error!(step, %cause, at = %born, "{step}"),
        Meaning::Busy { .. } => tracing::warn!(step, %cause, at = %born, "{step}"),
        Meaning::Contended => tracing::warn!(contended = true, step, %cause, at = %born, "{step}"),
        Meaning::Misconfigured(alarm) | Meaning::Fault(alarm) => {
            tracing::error!(alarm, step, %cause, at = %born, "{step}");
        }
    }
}

fn chain_of(failed: &(dyn Failing + 'static)) -> String {
    let mut text = failed.to_string();
    if let Some(source) = failed.source() {
        text.push_str(": ");
        text.push_str(&chain(source));
    }
    text
}

/// The error and all its sources, outermost first, separated by `: `.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the order could not be written")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn every_source_is_in_the_line() {
        let error = Outer(std::io::Error::other("connection reset"));
        assert_eq!(chain(&error), "the order could not be written: connection reset");
    }
}
