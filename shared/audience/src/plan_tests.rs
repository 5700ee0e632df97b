use super::*;
use std::time::Duration;

fn progress(stored: u32, offset: u32) -> Progress {
    Progress { stored, offset, vendor_delivered: offset, ..Progress::default() }
}

#[test]
fn a_search_reaches_4400_contacts_and_asks_for_no_more_than_is_missing() {
    let search = |limit, offset| FetchStep::Search { limit, offset };
    let table = [
        (1, 0, 0, search(1, 0)),
        (400, 0, 0, search(400, 0)),
        (1_000, 400, 400, search(400, 400)),
        (1_000, 800, 800, search(200, 800)),
        (1_000, 1_000, 1_000, FetchStep::Settle),
        // Five of what was delivered were repetitions.
        (1_000, 995, 1_000, search(5, 1_000)),
        (4_400, 4_000, 4_000, search(400, 4_000)),
        (4_400, 4_399, 4_400, FetchStep::Settle),
        (4_401, 0, 0, FetchStep::StartScan),
    ];
    for (requested, stored, offset, expected) in table {
        assert_eq!(
            next_step(requested, &progress(stored, offset)),
            expected,
            "{requested} {stored} {offset}"
        );
    }
}

#[test]
fn a_scan_goes_on_and_starts_over_at_most_three_times() {
    let scanning = Progress { scans_started: 1, scroll: Some("s1".into()), ..progress(200, 0) };
    assert_eq!(next_step(6_000, &scanning), FetchStep::NextOfScan("s1".into()));
    for (started, expected) in [(1, FetchStep::StartScan), (2, FetchStep::StartScan), (3, FetchStep::Settle)]
    {
        let lost = Progress { scans_started: started, scroll: None, ..scanning.clone() };
        assert_eq!(next_step(6_000, &lost), expected, "{started} scans");
    }
}

#[test]
fn what_is_exhausted_or_too_often_in_doubt_is_settled() {
    let exhausted = Progress { exhausted: true, ..progress(10, 400) };
    assert_eq!(next_step(1_000, &exhausted), FetchStep::Settle);
    let doubtful = |doubtful_calls| Progress { doubtful_calls, ..progress(10, 400) };
    assert_ne!(next_step(1_000, &doubtful(limits::DOUBTFUL_CALLS_MAX)), FetchStep::Settle);
    assert_eq!(next_step(1_000, &doubtful(limits::DOUBTFUL_CALLS_MAX + 1)), FetchStep::Settle);
}

#[test]
fn vendor_trouble_pauses_and_only_a_lost_page_ends_a_scan() {
    let before = Progress { scans_started: 1, scroll: Some("s1".into()), ..progress(200, 0) };
    let busy = DataAxleFailure::Busy { retry_after: Some(Duration::from_secs(90)) };
    let table = [
        (busy, true, Reaction::Pause(90), 0),
        (DataAxleFailure::Unauthorized { status: 401 }, true, Reaction::Pause(0), 0),
        (DataAxleFailure::Unavailable { status: None }, true, Reaction::Pause(0), 0),
        (DataAxleFailure::Unavailable { status: Some(503) }, false, Reaction::Pause(0), 0),
        (DataAxleFailure::Unknown, false, Reaction::Pause(0), 1),
        (DataAxleFailure::Undecodable, false, Reaction::Pause(0), 1),
        (DataAxleFailure::ScanLost, false, Reaction::GoOn, 0),
    ];
    for (failure, goes_on, reaction, doubtful) in table {
        let (after, what) = after_failure(&before, Call::NextOfScan, &failure);
        assert_eq!(after.scroll.is_some(), goes_on, "{failure}");
        assert_eq!((what, after.doubtful_calls), (reaction, doubtful), "{failure}");
        assert_eq!((after.stored, after.scans_started), (200, 1), "{failure}");
    }
}

#[test]
fn a_start_counts_unless_it_certainly_did_not_happen() {
    let before = Progress { scans_started: 2, ..Progress::default() };
    for (failure, started) in [
        (DataAxleFailure::Unavailable { status: Some(503) }, 1),
        (DataAxleFailure::Busy { retry_after: None }, 1),
        (DataAxleFailure::Unknown, 2),
        (DataAxleFailure::Undecodable, 2),
    ] {
        assert_eq!(after_failure(&before, Call::StartScan, &failure).0.scans_started, started, "{failure}");
    }
}

#[test]
fn a_definite_refusal_settles_what_is_stored() {
    let rejected = DataAxleFailure::Rejected { status: 400 };
    let (after, reaction) = after_failure(&progress(400, 400), Call::Search, &rejected);
    assert_eq!((after.exhausted, reaction), (true, Reaction::GoOn));
    assert_eq!(next_step(1_000, &after), FetchStep::Settle);
}
