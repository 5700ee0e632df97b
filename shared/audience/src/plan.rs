//! What a worker requests from the vendor next, and what a failed call means. Pure: what is stored decides.

use crate::limits;
use data_axle_client::{DataAxleFailure, SEARCH_LIMIT_MAX, SEARCH_OFFSET_MAX};
use serde::{Deserialize, Serialize};

/// One stored page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageCount {
    /// The lease under which it was stored: part of its key, so that no late writer touches another's page.
    pub lease: u32,
    /// Rows that count: the first ones, each a person that no earlier page has.
    pub contacts: u32,
}

/// How far a purchase is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Progress {
    /// In order.
    pub pages: Vec<PageCount>,
    /// The sum of their counts: distinct persons, at most what was requested.
    pub stored: u32,
    /// Records that the vendor delivered and bills, repetitions and unusable ones included.
    pub vendor_delivered: u32,
    /// Where the next page of a search begins.
    pub offset: u32,
    /// Scans that may have been started.
    pub scans_started: u32,
    /// The scan in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scroll: Option<String>,
    /// The vendor has nothing more that matches, or refuses for good.
    pub exhausted: bool,
    /// Calls that may be billed though their response is lost.
    pub doubtful_calls: u32,
    /// Since the last page.
    pub pauses: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchStep {
    /// Nothing more: settle.
    Settle,
    Search {
        /// In records.
        limit: u32,
        /// Of the first record.
        offset: u32,
    },
    StartScan,
    /// With the scan's scroll id.
    NextOfScan(String),
}

/// Decides the next step of a purchase of `requested` contacts. As far as a search reaches it is a search, which
/// resumes at its offset and delivers no more than is needed; beyond, a scan, which starts over when it is lost.
#[must_use]
pub fn next_step(requested: u32, progress: &Progress) -> FetchStep {
    let missing = requested.saturating_sub(progress.stored);
    let too_much =
        progress.doubtful_calls > limits::DOUBTFUL_CALLS_MAX || progress.pages.len() >= limits::PAGES_MAX;
    if missing == 0 || progress.exhausted || too_much {
        return FetchStep::Settle;
    }
    if requested <= limits::SEARCH_REACH {
        if progress.offset > SEARCH_OFFSET_MAX {
            return FetchStep::Settle;
        }
        return FetchStep::Search { limit: missing.min(SEARCH_LIMIT_MAX), offset: progress.offset };
    }
    match &progress.scroll {
        Some(scroll) => FetchStep::NextOfScan(scroll.clone()),
        None if progress.scans_started < limits::SCANS_MAX => FetchStep::StartScan,
        None => FetchStep::Settle,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Search,
    StartScan,
    NextOfScan,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Continue with the next step.
    GoOn,
    /// Wait, at least as many seconds as the vendor asks for.
    Pause(i64),
}

/// What a failed call leaves, and what to do.
pub(crate) fn after_failure(
    progress: &Progress,
    call: Call,
    failure: &DataAxleFailure,
) -> (Progress, Reaction) {
    let mut next = progress.clone();
    if failure.may_be_billed() {
        next.doubtful_calls = next.doubtful_calls.saturating_add(1);
    }
    match call {
        Call::Search => {}
        // A start that certainly did not happen does not count.
        Call::StartScan if !failure.may_be_billed() => {
            next.scans_started = next.scans_started.saturating_sub(1);
        }
        Call::StartScan => {}
        Call::NextOfScan => {
            if ends_scan(failure) {
                next.scroll = None;
            }
        }
    }
    let reaction = match failure {
        DataAxleFailure::ScanLost => Reaction::GoOn,
        DataAxleFailure::Rejected { .. } => {
            next.exhausted = true;
            Reaction::GoOn
        }
        DataAxleFailure::Busy { retry_after } => {
            let asked = retry_after.map_or(0, |asked| asked.as_secs());
            Reaction::Pause(i64::try_from(asked).unwrap_or(limits::PAUSE_MAX_SECONDS).min(3_600))
        }
        DataAxleFailure::Unauthorized { .. }
        | DataAxleFailure::Unavailable { .. }
        | DataAxleFailure::Unknown
        | DataAxleFailure::Undecodable => Reaction::Pause(0),
    };
    (next, reaction)
}

/// Whether a page of the scan may be lost: then what the scan delivers next has a gap.
fn ends_scan(failure: &DataAxleFailure) -> bool {
    match failure {
        DataAxleFailure::ScanLost
        | DataAxleFailure::Unknown
        | DataAxleFailure::Undecodable
        | DataAxleFailure::Rejected { .. }
        | DataAxleFailure::Unavailable { status: Some(_) } => true,
        DataAxleFailure::Busy { .. }
        | DataAxleFailure::Unauthorized { .. }
        | DataAxleFailure::Unavailable { status: None } => false,
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
