//! Deciding again when a record changed between the read and the write. Owns how often that is tried. Knows nothing
//! of what is decided.

use crate::{Replace, Stored, Together};

/// The most attempts of one decision. Each begins with a new read, so only another writer's success makes it fail:
/// after eight in a row the record is contended, and the caller tries again later.
const ATTEMPTS_MAX: u32 = 8;

/// The outcome of one attempt of a decision over records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Attempt<T> {
    /// Decided, and written.
    Done(T),
    /// A record changed after it was read; nothing was written.
    Changed,
}

impl<T> Attempt<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Attempt<U> {
        match self {
            Self::Done(done) => Attempt::Done(change(done)),
            Self::Changed => Attempt::Changed,
        }
    }
}

/// What a step returns that says `None` when a record changed.
impl<T> From<Option<T>> for Attempt<T> {
    fn from(step: Option<T>) -> Self {
        step.map_or(Self::Changed, Self::Done)
    }
}

impl<T> From<Replace<T>> for Attempt<Stored<T>> {
    fn from(written: Replace<T>) -> Self {
        match written {
            Replace::Done(stored) => Self::Done(stored),
            Replace::Changed => Self::Changed,
        }
    }
}

impl From<Together> for Attempt<()> {
    fn from(written: Together) -> Self {
        match written {
            Together::Done => Self::Done(()),
            Together::Refused { .. } => Self::Changed,
        }
    }
}

/// The named record changed in every attempt. Nothing was written; the same request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} changed in every attempt")]
pub struct StillChanging(pub &'static str);

/// Makes attempts until no other writer comes in between. `record` names the record in [`StillChanging`]; an
/// attempt's own failure ends it at once.
pub async fn retry_while_changed<T, E, F>(
    record: &'static str,
    mut attempt: impl FnMut() -> F,
) -> Result<T, E>
where
    E: From<StillChanging>,
    F: Future<Output = Result<Attempt<T>, E>>,
{
    for _ in 0..ATTEMPTS_MAX {
        // Boxed: what an attempt leads to may be deep, and the caller's future would hold all of it.
        if let Attempt::Done(done) = Box::pin(attempt()).await? {
            return Ok(done);
        }
    }
    Err(StillChanging(record).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    async fn overtaken(times: u32) -> (u32, Result<u32, StillChanging>) {
        let attempts = Cell::new(0);
        let result = retry_while_changed("a record", || async {
            attempts.set(attempts.get() + 1);
            Ok(if attempts.get() > times { Attempt::Done(attempts.get()) } else { Attempt::Changed })
        })
        .await;
        (attempts.get(), result)
    }

    #[tokio::test]
    async fn an_attempt_that_was_overtaken_is_made_again_up_to_the_bound() {
        assert_eq!(overtaken(0).await, (1, Ok(1)));
        assert_eq!(overtaken(7).await, (8, Ok(8)));
        assert_eq!(overtaken(8).await, (8, Err(StillChanging("a record"))));
    }

    #[tokio::test]
    async fn a_failure_ends_the_attempts() {
        let attempts = Cell::new(0);
        let result: Result<(), StillChanging> = retry_while_changed("a record", || async {
            attempts.set(attempts.get() + 1);
            Err(StillChanging("another record"))
        })
        .await;
        assert_eq!((attempts.get(), result), (1, Err(StillChanging("another record"))));
    }
}
