//! Everything that is due, one by one; a bad one never stops the rest.

use crate::handler::State;
use futures::FutureExt;
use ledger::{Failure, Refusal};
use platform::Deadline;
use printing::Printing;
use serde::Serialize;
use std::{collections::HashSet, panic::AssertUnwindSafe, time::Duration};
use tables::{DueItem, Key, TableFailure, in_turns};
use terms::{Actor, Failing, Timestamp};

/// How many due records one turn looks at: what is left stays due for the next.
const LOOKS_MAX: usize = 8_000;

/// How many keys of due records one turn reads to choose from: many times what it looks at, so that one organization's
/// pile hides nobody else's.
const DUE_READ_MAX: usize = 40_000;

/// With less time left than this no further record is begun.
const TIME_LEFT_MIN: Duration = Duration::from_secs(15);

type Source = Box<dyn Failing + Send + Sync>;

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
        platform::log::failing("what is due in the ledger could not be read", &failure);
        swept.failed = 1;
        Vec::new()
    });
    let work = state.table.due(now, DUE_READ_MAX).await?;
    if work.len() >= DUE_READ_MAX {
        tracing::error!(
            alarm = "due-backlog",
            due = work.len(),
            "more is due than the sweeper reads at once"
        );
    }
    for (item, in_books) in chosen(books, work) {
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
                platform::log::failing(&format!("looking at {} failed", item.key.sk), failure.as_ref());
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

/// What this turn looks at, and whether it stands in the books. Organizations take turns, and a print job's batches
/// are the job's own.
pub fn chosen(books: Vec<DueItem>, work: Vec<DueItem>) -> impl Iterator<Item = (DueItem, bool)> {
    let books_of: HashSet<Key> = books.iter().map(|item| item.key.clone()).collect();
    let due = books.into_iter().chain(work).collect();
    let turns = in_turns(due, |key| key.pk.clone()).into_iter().take(LOOKS_MAX);
    turns.map(move |item| {
        let in_books = books_of.contains(&item.key);
        (item, in_books)
    })
}

fn source(failure: impl Failing + Send + Sync + 'static) -> Source {
    Box::new(failure)
}

/// `false` when the record is not for the sweeper.
async fn look(state: &State, key: &Key, now: Timestamp) -> Result<bool, Source> {
    if Printing::owns(key) {
        Box::pin(state.printing.sweep(key)).await.map_err(source)?;
    } else if key.sk.starts_with("PURCHASE#") {
        Box::pin(audience::sweep(&state.audience, key, now)).await.map_err(source)?;
    } else if key.sk.starts_with("ALERT#") {
        alerts::send(&state.table, &state.alerts, key, now).await.map_err(source)?;
    } else if billing::is_expiry_notice(key) {
        billing::on_expiry_notice(&state.ledger, &state.table, key, now).await.map_err(source)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// A due item of the ledger: a crossing to pass on, or an account with credits that have ended.
async fn look_at_books(state: &State, key: &Key, now: Timestamp) -> Result<bool, Source> {
    if ledger::is_crossing(key) {
        if let Some(crossing) = state.ledger.crossing(key).await.map_err(source)? {
            let passed = billing::on_crossing(&state.table, &state.top_up_queue, &crossing, now).await;
            passed.map_err(source)?;
        }
        state.ledger.crossing_passed_on(key).await.map_err(source)?;
        return Ok(true);
    }
    let Some(organization) = ledger::due_organization(key) else { return Ok(false) };
    match state.ledger.expire(&organization, Actor::system("sweeper")).await.map_err(source)? {
        // Somebody else's movement posted them a moment ago.
        Ok(_) | Err(Refusal::NothingExpired) => Ok(true),
        Err(refusal) => Err(source(Failure::Damaged(format!("an expiry was refused: {refusal}")))),
    }
}
