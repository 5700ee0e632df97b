//! What a worker does next with a batch. Pure: the batch, the job and the time decide.

use crate::{Batch, Closing, ClosingReason, Outcome, PrintJob, Tally, limits};
use terms::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchStep {
    /// Its result stands. Only the job may be left to settle.
    Ended,
    /// Another worker owns it.
    Leased,
    /// Nothing may be done now: store this if it differs, and come back at its time.
    Wait(Batch),
    /// Every piece is definite: write the result.
    Finish(Batch, Tally),
    /// Take the lease with this, then call the vendor.
    Work(BatchWork),
}

/// What a worker does under the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchWork {
    /// The batch as it now is, without a lease.
    pub batch: Batch,
    /// By their place in the batch.
    pub send: Vec<usize>,
    /// The pieces to look up first.
    pub look_up: Vec<usize>,
}

#[must_use]
pub fn next_step(batch: &Batch, job: &PrintJob, now: Timestamp) -> BatchStep {
    if batch.ended_at.is_some() {
        return BatchStep::Ended;
    }
    if batch.is_leased(now) {
        return BatchStep::Leased;
    }
    let closing = batch.closing.or_else(|| {
        job.is_out_of_time(now).then_some(Closing { reason: ClosingReason::OutOfTime, since: now })
    });
    let newly_closing = closing.is_some() && batch.closing.is_none();
    let early = batch.not_before.is_some_and(|at| at > now);
    if early && !newly_closing && batch.lease.is_none() {
        return BatchStep::Wait(batch.clone());
    }
    let outcomes = outcomes_now(batch, closing, now);
    let next = Batch { outcomes, lease: None, not_before: None, due_at: None, closing, ..batch.clone() };
    if let Some(tally) = Tally::of(&next.outcomes) {
        return BatchStep::Finish(next, tally);
    }
    if let Some(until) = job.pauses.until_after(now) {
        return BatchStep::Wait(waiting(next, until));
    }
    due_pieces(next, now)
}

fn outcomes_now(batch: &Batch, closing: Option<Closing>, now: Timestamp) -> Vec<Outcome> {
    let mut outcomes = batch.outcomes();
    if let Some(intent_at) = batch.lease.as_ref().and_then(|lease| lease.intent_at) {
        outcomes = outcomes.iter().map(|outcome| outcome.after_crash(intent_at)).collect();
    }
    let Some(closing) = closing else { return outcomes };
    let given_up = now >= closing.since.plus_seconds(limits::CLOSING_SECONDS);
    outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Ambiguous(doubt) if given_up => Outcome::Unknown { first: doubt.first },
            other => other.after_closing(),
        })
        .collect()
}

fn due_pieces(next: Batch, now: Timestamp) -> BatchStep {
    let (mut send, mut look_up, mut later) = (Vec::new(), Vec::new(), Vec::new());
    for (place, outcome) in next.outcomes.iter().enumerate() {
        match outcome {
            Outcome::Untouched => send.push(place),
            Outcome::Ambiguous(doubt) => {
                let at = doubt.last.plus_seconds(limits::LOOK_UP_AFTER_SECONDS);
                if at <= now { look_up.push(place) } else { later.push(at) }
            }
            _ => {}
        }
    }
    match later.into_iter().min() {
        Some(until) if send.is_empty() && look_up.is_empty() => BatchStep::Wait(waiting(next, until)),
        _ => BatchStep::Work(BatchWork { batch: next, send, look_up }),
    }
}

/// The batch with nothing to do before `until`.
pub(crate) fn waiting(batch: Batch, until: Timestamp) -> Batch {
    Batch { lease: None, not_before: Some(until), due_at: Some(until), ..batch }
}

/// When the first ambiguous piece may be looked up.
pub(crate) fn first_look_up(outcomes: &[Outcome]) -> Option<Timestamp> {
    let last = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Ambiguous(doubt) => Some(doubt.last),
        _ => None,
    });
    last.min().map(|last| last.plus_seconds(limits::LOOK_UP_AFTER_SECONDS))
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
