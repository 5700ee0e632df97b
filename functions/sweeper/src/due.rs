//! Everything that is due, one by one; a bad one never stops the rest.

use crate::handler::State;
use futures::FutureExt;
use ledger::Refusal;
use platform::Deadline;
use printing::Printing;
use serde::Serialize;
use std::{error::Error, panic::AssertUnwindSafe, time::Duration};
use tables::{Key, TableFailure};
use terms::{Actor, Timestamp};

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
    let books = state.ledger.due(now).await;
    let books = books.unwrap_or_else(|failure| {
        platform::log::failure("what is due in the ledger could not be read", &failure);
        swept.failed = 1;
        Vec::new()
    });
    let books = books.into_iter().map(|item| (item, true));
    let work = state.table.due(now, LOOKS_MAX).await?.into_iter().map(|item| (item, false));
    for (item, in_books) in books.chain(work) {
        if !deadline.has(TIME_LEFT_MIN) {
            break;
        }
        let looking = async {
            if in_books {
                look_at_books(state, &item.key, now).await
            } else {
                look(state, &item.key, now).await
            }
        };
        let looked = AssertUnwindSafe(looking).catch_unwind().await;
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
    } else if key.sk.starts_with("ALERT#") {
        alerts::send(&state.table, &state.alerts, key, now).await?;
    } else if billing::is_expiry_notice(key) {
        billing::on_expiry_notice(&state.ledger, &state.table, key, now).await?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// A due item of the ledger: a crossing to pass on, or an account with credits that have ended.
async fn look_at_books(state: &State, key: &Key, now: Timestamp) -> Result<bool, Source> {
    if ledger::is_crossing(key) {
        if let Some(crossing) = state.ledger.crossing(key).await? {
            billing::on_crossing(&state.table, &state.top_up_queue, &crossing, now).await?;
        }
        state.ledger.crossing_passed_on(key).await?;
        return Ok(true);
    }
    let Some(organization) = ledger::due_organization(key) else { return Ok(false) };
    match state.ledger.expire(&organization, Actor::system("sweeper")).await? {
        // Somebody else's movement posted them a moment ago.
        Ok(_) | Err(Refusal::NothingExpired) => Ok(true),
        Err(refusal) => Err(refusal.into()),
    }
}
