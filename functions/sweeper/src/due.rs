//! Everything that is due, one by one; a bad one never stops the rest.

use crate::handler::State;
use futures::FutureExt;
use platform::Deadline;
use printing::Printing;
use serde::Serialize;
use std::{error::Error, panic::AssertUnwindSafe, time::Duration};
use tables::{Key, TableFailure};
use terms::Timestamp;

/// How many due records one turn looks at: what is left stays due for the next.
const LOOKS_MAX: usize = 8_000;

/// With less time left than this no further record is begun.
const TIME_LEFT_MIN: Duration = Duration::from_secs(15);

type Source = Box<dyn Error + Send + Sync>;

/// What one turn did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Looked at without trouble.
    pub done: u32,
    /// Failed: logged, and still due.
    pub failed: u32,
    /// Of kinds that other functions look at.
    pub others: u32,
}

/// Looks at everything that is due.
///
/// # Errors
/// [`TableFailure`] when the due index cannot be read.
pub async fn sweep(state: &State, deadline: Deadline) -> Result<Swept, TableFailure> {
    let now = state.clock.now();
    let mut swept = Swept::default();
    for item in state.table.due(now, LOOKS_MAX).await? {
        if !deadline.has(TIME_LEFT_MIN) {
            break;
        }
        let looked = AssertUnwindSafe(look(state, &item.key, now)).catch_unwind().await;
        let counter = match looked {
            Ok(Ok(true)) => &mut swept.done,
            Ok(Ok(false)) => &mut swept.others,
            Ok(Err(failure)) => {
                platform::log::failure(&format!("looking at {} failed", item.key.sk), failure.as_ref());
                &mut swept.failed
            }
            Err(_) => {
                tracing::error!(record = %item.key.sk, "looking at a due record panicked");
                &mut swept.failed
            }
        };
        *counter = counter.saturating_add(1);
    }
    if swept.failed > 0 {
        tracing::error!(alarm = "sweep-failed", failed = swept.failed, "due records could not be looked at");
    }
    Ok(swept)
}

/// `false` when the record is not for the sweeper.
async fn look(state: &State, key: &Key, now: Timestamp) -> Result<bool, Source> {
    if Printing::owns(key) {
        Box::pin(state.printing.sweep(key)).await?;
    } else if key.sk.starts_with("PURCHASE#") {
        Box::pin(audience::sweep(&state.audience, key, now)).await?;
    } else {
        return Ok(false);
    }
    Ok(true)
}
