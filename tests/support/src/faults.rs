//! Faults between the SDK and DynamoDB: what no emulator does by itself.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection fails before DynamoDB sees it.
    FailsBefore,
    /// DynamoDB carries it out and the answer is lost.
    FailsAfter,
    /// `TransactionConflict` (on a transaction) or `TransactionConflictException` (on a single write).
    Conflict,
    /// `ThrottlingException`.
    Throttled,
    /// DynamoDB carries it out, answers 500, and nobody knows.
    ServerErrorAfter,
    /// The process dies before DynamoDB sees it: see [`Faults::until_it_dies`].
    DiesBefore,
    /// DynamoDB carries it out, and the process dies before it hears of it.
    DiesAfter,
}

/// Stands for every operation where faults are planned.
pub const ANY: &str = "any";

#[derive(Debug, Default)]
struct State {
    planned: HashMap<String, VecDeque<Option<Fault>>>,
    calls: HashMap<String, u64>,
}

/// Plans faults by operation and counts what was asked.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<State>>, Arc<Notify>);

impl Faults {
    /// The next request of `operation` meets `fault`.
    pub fn next(&self, operation: &str, fault: Fault) {
        self.after(operation, 0, fault);
    }

    /// The request of `operation` after the next `let_pass` ones meets `fault`.
    pub fn after(&self, operation: &str, let_pass: usize, fault: Fault) {
        let mut state = self.0.lock().expect("no panic while held");
        let plan = state.planned.entry(operation.to_owned()).or_default();
        while plan.len() < let_pass {
            plan.push_back(None);
        }
        plan.push_back(Some(fault));
    }

    /// All attempts of one request meet `fault`, the request of `operation` after the next `let_pass` ones: the SDK
    /// tries three times.
    pub fn lasting(&self, operation: &str, let_pass: usize, fault: Fault) {
        self.after(operation, let_pass, fault);
        self.next(operation, fault);
        self.next(operation, fault);
    }

    pub fn clear(&self) {
        self.0.lock().expect("no panic while held").planned.clear();
    }

    /// How many requests of `operation` were made since the start.
    #[must_use]
    pub fn calls(&self, operation: &str) -> u64 {
        self.0.lock().expect("no panic while held").calls.get(operation).copied().unwrap_or(0)
    }

    /// Runs a process to its end, or to the request at which [`Fault::DiesBefore`] or [`Fault::DiesAfter`] has it
    /// die: then `None`, and nothing behind that request has happened.
    pub async fn until_it_dies<T>(&self, process: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.1.notified() => None,
            answer = process => Some(answer),
        }
    }

    pub(crate) fn dies(&self) {
        self.1.notify_one();
    }

    pub(crate) fn take(&self, operation: &str) -> Option<Fault> {
        let mut state = self.0.lock().expect("no panic while held");
        *state.calls.entry(operation.to_owned()).or_default() += 1;
        let of_it = state.planned.get_mut(operation).and_then(VecDeque::pop_front).flatten();
        let of_any = state.planned.get_mut(ANY).and_then(VecDeque::pop_front).flatten();
        of_it.or(of_any)
    }
}
