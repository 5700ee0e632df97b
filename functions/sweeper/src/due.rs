//! Everything that is due, one by one; a bad one never stops the rest.

use crate::handler::State;
use alerts::Alert;
use audience::Purchase;
use billing::ExpiryNotice;
use futures::FutureExt;
use ledger::{DUE_ACCOUNT, DUE_CROSSING, Failure, Refusal};
use platform::Deadline;
use printing::{Batch, PrintJob};
use serde::Serialize;
use std::{panic::AssertUnwindSafe, time::Duration};
use tables::{DueItem, Key, Record, TableFailure, in_turns};
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
    for item in chosen(books, work) {
        if !deadline.has(TIME_LEFT_MIN) {
            break;
        }
        let looked = AssertUnwindSafe(look(state, &item, now)).catch_unwind().await;
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

/// What this turn looks at. Organizations take turns, and a print job's batches are the job's own.
pub fn chosen(books: Vec<DueItem>, work: Vec<DueItem>) -> impl Iterator<Item = DueItem> {
    let due = books.into_iter().chain(work).collect();
    in_turns(due, |key| key.pk.clone()).into_iter().take(LOOKS_MAX)
}

fn source(failure: impl Failing + Send + Sync + 'static) -> Source {
    Box::new(failure)
}

/// `false` when the record is of no kind that the sweeper looks at.
async fn look(state: &State, DueItem { key, kind, .. }: &DueItem, now: Timestamp) -> Result<bool, Source> {
    match kind.as_str() {
        PrintJob::KIND => Box::pin(state.printing.sweep_job(key)).await.map_err(source)?,
        Batch::KIND => Box::pin(state.printing.sweep_batch(key)).await.map_err(source)?,
        Purchase::KIND => Box::pin(audience::sweep(&state.audience, key, now)).await.map_err(source)?,
        Alert::KIND => alerts::send(&state.table, &state.alerts, key, now).await.map_err(source)?,
        ExpiryNotice::KIND => {
            billing::on_expiry_notice(&state.ledger, &state.table, key, now).await.map_err(source)?;
        }
        DUE_CROSSING => pass_on(state, key, now).await?,
        DUE_ACCOUNT => expire(state, key).await?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// The note of a crossing goes to whoever acts on it, and is no longer due.
async fn pass_on(state: &State, key: &Key, now: Timestamp) -> Result<(), Source> {
    if let Some(crossing) = state.ledger.crossing(key).await.map_err(source)? {
        let passed = billing::on_crossing(&state.table, &state.top_up_queue, &crossing, now).await;
        passed.map_err(source)?;
    }
    state.ledger.crossing_passed_on(key).await.map_err(source)
}

/// Posts the expiries of an account, some of whose credits have ended.
async fn expire(state: &State, key: &Key) -> Result<(), Source> {
    let Some(organization) = ledger::due_organization(key) else { return Ok(()) };
    match state.ledger.expire(&organization, Actor::system("sweeper")).await.map_err(source)? {
        // Somebody else's movement posted them a moment ago.
        Ok(_) | Err(Refusal::NothingExpired) => Ok(()),
        Err(refusal) => Err(source(Failure::Damaged(format!("an expiry was refused: {refusal}")))),
    }
}
