//! The bounds of printing, each with its reason.

use tables::Quota;

/// Campaigns of one organization. Each costs nothing, is stored, and may hold 256 KB of HTML: more than people at
/// work create, and in the worst case 15 MB an hour.
pub const CAMPAIGNS_OF_AN_ORGANIZATION: Quota = Quota { limit: 60, window_seconds: 3_600 };

/// Few enough pieces to send within one lease at 5 a second, and to store in a few KB.
pub const BATCH_PIECES: u32 = 25;

/// As many pieces as one purchase of contacts delivers.
pub const JOB_PIECES_MAX: u32 = 100_000;

/// Up to this many pieces, missing artwork is refused at print; above, by the planner.
pub const ARTWORK_CHECKED_AT_PRINT: u32 = 1_000;

/// How long a worker owns a batch: its function's time-out (300 s) and a margin.
pub const BATCH_LEASE_SECONDS: i64 = 360;

/// Test jobs of one organization open at once, as many as live ones: their batches share queue, workers and the
/// vendor's rate with paid jobs.
pub const OPEN_TESTS_MAX: usize = 5;

/// How long a planner owns a job that has not begun: its time-out and a margin.
pub const PLAN_LEASE_SECONDS: i64 = 360;

/// When a new job is checked, in case its message is lost.
pub const FIRST_LOOK_SECONDS: i64 = 60;

/// How long the sweeper waits before it queues the same work again.
pub const NEXT_LOOK_SECONDS: i64 = 1_800;

/// How often a job that has begun is checked, to find what a crash left between two writes.
pub const JOB_LOOK_SECONDS: i64 = 3_600;

/// 72 h after it was placed, a job that has not begun ends, and its hold with it.
pub const NOT_BEGUN_SECONDS: i64 = 72 * 3_600;

/// A job that has paused 72 h in total ends.
pub const PAUSE_TOTAL_SECONDS: i64 = 72 * 3_600;

/// The first pause after vendor-wide trouble; each that follows directly is twice as long.
pub const PAUSE_FIRST_SECONDS: i64 = 60;

pub const PAUSE_MAX_SECONDS: i64 = 900;

/// The longest pause that the vendor may ask for, so that every job ends.
pub const PAUSE_ASKED_MAX_SECONDS: i64 = 3_600;

/// When a piece with an unknown outcome is looked up after its last attempt: the vendor's search may lag.
pub const LOOK_UP_AFTER_SECONDS: i64 = 900;

/// How long after its first attempt a piece may be sent again: well within the 24 h for which the vendor remembers an
/// idempotency key.
pub const SEND_AGAIN_WITHIN_SECONDS: i64 = 20 * 3_600;

/// Attempts of one piece.
pub const PIECE_SENDS_MAX: u32 = 5;

/// Internal errors of the vendor for this many pieces in a row count as trouble of the vendor, not of the pieces.
pub const SERVER_ERRORS_IN_A_ROW: u32 = 3;

/// How long a batch that sends nothing more waits for look-ups before ambiguous pieces become unknown.
pub const CLOSING_SECONDS: i64 = 24 * 3_600;

/// A dead letter that comes this soon after another of its batch is a copy, not a second one.
pub const DEAD_AGAIN_SECONDS: i64 = 3_600;

/// How long a batch waits after a table, bucket or queue of ours did not respond.
pub const OUTAGE_PAUSE_SECONDS: u64 = 300;

/// Pieces of one test job. It costs nothing, so it must not delay paid jobs.
pub const TEST_PIECES_MAX: u32 = 100;

/// Concurrent vendor calls of one worker.
pub const CALLS_AT_ONCE: usize = 4;

/// With less time left, a worker stores its results and hands the rest over.
pub const TIME_LEFT_MIN_SECONDS: u64 = 30;

/// The largest artwork file: 10 MB.
pub const ARTWORK_BYTES_MAX: u64 = 10 * 1_024 * 1_024;

pub const UPLOAD_VALID_SECONDS: i64 = 3_600;

/// Characters of a campaign's name.
pub const NAME_LENGTH_MAX: usize = 120;

/// Concurrent reads of artwork while a job is planned.
pub const PINS_AT_ONCE: usize = 32;
