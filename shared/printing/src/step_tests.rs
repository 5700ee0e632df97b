//! The table of next steps: one `check` for each question, so that a row reads as a sentence.

use super::*;
use crate::outcome::Doubtful;
use crate::{
    BatchLease, Begun, CampaignName, JobResults, JobState, JobStatus, Pauses, PieceRange, Pinned, PlacedJob,
    PostcardSize, Stage,
};
use money::Money;
use recipients::Mode;
use terms::{CampaignId, Fingerprint, OrganizationId, PrintJobId, RecipientListId};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000).plus_seconds(seconds)
}

fn job() -> PrintJob {
    let begun =
        Begun { at: at(0), artwork: Pinned::PdfPerRecipient, batches_total: 1, queued_at: Some(at(0)) };
    PrintJob {
        placed: PlacedJob {
            organization_id: OrganizationId::parse("org_a").unwrap(),
            print_job_id: PrintJobId::derive(&["j"]),
            campaign_id: CampaignId::derive(&["c"]),
            campaign_name: CampaignName::parse("Spring").unwrap(),
            recipient_list_id: RecipientListId::derive(&["l"]),
            size: PostcardSize::Six4,
            environment: Mode::Live,
            pieces: 3,
            price: pricing::default_book().unwrap().at(at(0)).postcards(),
            held: Money::parse("3.00").unwrap(),
            fingerprint: Fingerprint::of(&["f"]),
            created_at: at(0),
        },
        state: JobState { stage: Stage::Begun(begun), end: None },
        results: JobResults::default(),
        pauses: Pauses::default(),
        due_at: None,
    }
}

fn paused_until(seconds: i64) -> Pauses {
    Pauses::default().extended(at(0), at(seconds))
}

fn accepted_of_three(accepted: u32) -> PrintJob {
    let tally = Tally { accepted, ..Tally::default() };
    PrintJob { results: JobResults { tally, ..JobResults::default() }, ..job() }
}

fn batch(outcomes: Vec<Outcome>) -> Batch {
    let job = job();
    let planned = Batch::planned(
        &job.placed.organization_id,
        &job.placed.print_job_id,
        (0, PieceRange { from: 0, to: 3 }),
        vec![],
    );
    Batch { outcomes, ..planned }
}

fn accepted() -> Outcome {
    Outcome::Accepted { card: "postcard_1".into() }
}

fn doubt(since: i64) -> Outcome {
    Outcome::Ambiguous(Doubtful { first: at(since), last: at(since), sends: 1, answered: false })
}

fn lease(until: i64, intent: Option<i64>) -> Option<BatchLease> {
    Some(BatchLease { owner: "w".into(), until: at(until), intent_at: intent.map(at) })
}

/// A step in one word and the places or seconds that it names.
fn described(step: &BatchStep) -> String {
    match step {
        BatchStep::Ended => "ended".into(),
        BatchStep::Leased => "leased".into(),
        BatchStep::Wait(batch) => {
            let until = batch.not_before.map_or(0, |until| until.as_seconds() - at(0).as_seconds());
            format!("wait {until}")
        }
        BatchStep::Finish(_, tally) => {
            let Tally { accepted, refused, unknown, not_sent } = tally;
            format!("finish {accepted} {refused} {unknown} {not_sent}")
        }
        BatchStep::Work(work) => format!("send {:?} look up {:?}", work.send, work.look_up),
    }
}

fn check(name: &str, batch: &Batch, job: &PrintJob, now: i64, expected: &str) {
    assert_eq!(described(&next_step(batch, job, at(now))), expected, "{name}");
}

#[test]
fn a_batch_that_nobody_owns_is_sent_looked_up_or_finished() {
    let job = job();
    let all = vec![accepted(), accepted(), Outcome::Failed];
    let table = [
        ("planned", batch(vec![]), 0, "send [0, 1, 2] look up []"),
        ("some done", batch(vec![accepted(), Outcome::Untouched, accepted()]), 0, "send [1] look up []"),
        ("doubt, early", batch(vec![accepted(), doubt(0), accepted()]), 15 * MINUTE - 1, "wait 900"),
        ("doubt, due", batch(vec![accepted(), doubt(0), doubt(1)]), 15 * MINUTE, "send [] look up [1]"),
        ("both", batch(vec![Outcome::Untouched, doubt(0), doubt(1)]), 1, "send [0] look up []"),
        ("all definite", batch(all.clone()), 0, "finish 2 1 0 0"),
        ("ended", Batch { ended_at: Some(at(0)), ..batch(all) }, 0, "ended"),
        ("put off", Batch { not_before: Some(at(60)), ..batch(vec![]) }, 59, "wait 60"),
        (
            "put off, due",
            Batch { not_before: Some(at(60)), ..batch(vec![]) },
            60,
            "send [0, 1, 2] look up []",
        ),
    ];
    for (name, batch, now, expected) in table {
        check(name, &batch, &job, now, expected);
    }
}

#[test]
fn a_lease_keeps_others_out_and_a_lost_one_leaves_everything_indefinite_in_doubt() {
    let job = job();
    let owned = |intent| Batch { lease: lease(360, intent), ..batch(vec![accepted()]) };
    let table = [
        ("live", owned(Some(0)), 359, "leased"),
        ("lost after its intent", owned(Some(0)), 360, "wait 900"),
        ("lost after its intent, later", owned(Some(0)), 900, "send [] look up [1, 2]"),
        ("lost while only looking up", owned(None), 360, "send [1, 2] look up []"),
    ];
    for (name, batch, now, expected) in table {
        check(name, &batch, &job, now, expected);
    }
}

#[test]
fn a_job_in_pause_calls_nobody_and_72_hours_of_it_end_what_is_left() {
    let paused = PrintJob { pauses: paused_until(90), ..job() };
    let long = paused.clone();
    let interrupted = PrintJob { pauses: Pauses { earlier_ms: 71 * HOUR * 1000, ..paused.pauses }, ..job() };
    let mixed = batch(vec![accepted(), doubt(0), Outcome::Untouched]);
    let put_off = Batch { not_before: Some(at(80 * HOUR)), ..batch(vec![]) };
    let table = [
        ("pausing", &mixed, &paused, 89, "wait 90"),
        (
            "definite while pausing",
            &batch(vec![accepted(), accepted(), accepted()]),
            &paused,
            89,
            "finish 3 0 0 0",
        ),
        ("pause over", &mixed, &paused, 90, "send [2] look up []"),
        ("just below 72 h", &batch(vec![]), &long, 72 * HOUR - 1, "send [0, 1, 2] look up []"),
        ("72 h", &batch(vec![]), &long, 72 * HOUR, "finish 0 0 0 3"),
        ("72 h, put off", &put_off, &long, 72 * HOUR, "finish 0 0 0 3"),
        ("72 h in several pauses", &batch(vec![]), &interrupted, HOUR, "finish 0 0 0 3"),
        ("72 h, in doubt", &mixed, &long, 72 * HOUR, "send [] look up [1]"),
    ];
    for (name, batch, job, now, expected) in table {
        check(name, batch, job, now, expected);
    }
}

#[test]
fn a_dead_batch_sends_nothing_and_gives_up_looking_after_a_day() {
    let closing = Some(Closing { reason: ClosingReason::Dead, since: at(0) });
    let dead = |outcomes| Batch { closing, ..batch(outcomes) };
    let crashed = Batch { lease: lease(10, Some(0)), ..dead(vec![]) };
    let table = [
        ("untouched", dead(vec![]), 0, "finish 0 0 0 3"),
        ("in doubt", dead(vec![doubt(0), accepted()]), 15 * MINUTE, "send [] look up [0]"),
        ("after a crash", crashed, 20, "wait 900"),
        ("a day later", dead(vec![doubt(0), accepted()]), 24 * HOUR, "finish 1 0 1 1"),
    ];
    for (name, batch, now, expected) in table {
        check(name, &batch, &job(), now, expected);
    }
}

#[test]
fn pauses_double_up_to_a_quarter_of_an_hour() {
    for (pauses, seconds) in [(0, 60), (1, 120), (2, 240), (3, 480), (4, 900), (40, 900)] {
        assert_eq!(Pauses { in_a_row: pauses, ..Pauses::default() }.next_seconds(), seconds);
    }
}

#[test]
fn pauses_add_up_over_resumptions() {
    let first = job().paused(at(0), at(60)).paused(at(60), at(180));
    assert_eq!((first.pauses.lasted_seconds(at(100)), first.pauses.in_a_row), (100, 2));
    let resumed = first.resumed(at(200));
    assert_eq!((resumed.pauses.lasted_seconds(at(500)), resumed.pauses.in_a_row), (200, 0));
    assert_eq!(resumed.paused(at(500), at(560)).pauses.lasted_seconds(at(510)), 210);
}

#[test]
fn a_job_ends_completed_partial_or_failed_by_what_the_vendor_accepted() {
    let table = [(3, JobStatus::Completed), (1, JobStatus::Partial), (0, JobStatus::Failed)];
    for (accepted, status) in table {
        assert_eq!(accepted_of_three(accepted).final_status(), status);
    }
}

#[test]
fn the_next_batch_has_neither_owner_nor_time_and_says_why_it_closes() {
    let left = Batch { lease: lease(0, None), not_before: Some(at(0)), due_at: Some(at(0)), ..batch(vec![]) };
    let BatchStep::Work(work) = next_step(&left, &job(), at(1)) else { panic!("nobody works on it") };
    assert_eq!(work.batch, batch(vec![Outcome::Untouched; 3]));
    let out_of_time = PrintJob {
        pauses: Pauses { earlier_ms: limits::PAUSE_TOTAL_SECONDS * 1_000, ..Pauses::default() },
        ..job()
    };
    let BatchStep::Finish(next, _) = next_step(&left, &out_of_time, at(1)) else {
        panic!("it is not finished")
    };
    assert_eq!(next.closing, Some(Closing { reason: ClosingReason::OutOfTime, since: at(1) }));
    let until = Some(at(9));
    assert_eq!(waiting(left, at(9)), Batch { not_before: until, due_at: until, ..batch(vec![]) });
}

#[test]
fn the_first_look_up_is_of_the_piece_that_was_sent_first() {
    let first = first_look_up(&[accepted(), doubt(7), doubt(5), Outcome::Untouched]);
    assert_eq!(first, Some(at(5 + limits::LOOK_UP_AFTER_SECONDS)));
    assert_eq!(first_look_up(&[accepted(), Outcome::Untouched]), None);
}
