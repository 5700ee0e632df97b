//! The bounds of printing, each with its reason.

use tables::Quota;

/// Campaigns of one organization. Each costs nothing, is kept, and may store 256 KB of HTML: more than people at work
/// create, and in the worst case 15 MB an hour.
pub const CAMPAIGNS_OF_AN_ORGANIZATION: Quota = Quota { limit: 60, window_seconds: 3_600 };

/// Pieces in a batch: few enough to send within one lease at 5 a second, and to store in a few KB.
pub const BATCH_PIECES: u32 = 25;

/// Pieces in a job: as many as one purchase of contacts delivers.
pub const JOB_PIECES_MAX: u32 = 100_000;

/// Up to this many pieces, missing artwork is refused at print; above, by the planner.
pub const ARTWORK_CHECKED_AT_PRINT: u32 = 1_000;

/// How long a worker owns a batch, in seconds: its function's time-out (300 s) and a margin.
pub const BATCH_LEASE_SECONDS: i64 = 360;

/// Test jobs of one organization open at once, as many as live ones: their batches share queue, workers and the
/// vendor's rate with what is paid for.
pub const OPEN_TESTS_MAX: usize = 5;

/// How long a planner owns a job that has not begun, in seconds: its time-out and a margin.
pub const PLAN_LEASE_SECONDS: i64 = 360;

/// When a job that was recorded is looked at again, in seconds, should its message be lost.
pub const FIRST_LOOK_SECONDS: i64 = 60;

/// How long the sweeper leaves what it has queued, in seconds, before it queues it again.
pub const NEXT_LOOK_SECONDS: i64 = 1_800;

/// How often a job that has begun is looked at, in seconds: what a crash left between two writes is found.
pub const JOB_LOOK_SECONDS: i64 = 3_600;

/// A job that has not begun this long after it was placed ends, in seconds, and its hold with it: 72 h.
pub const NOT_BEGUN_SECONDS: i64 = 72 * 3_600;

/// A job that has paused this long in total ends, in seconds: 72 h.
pub const PAUSE_TOTAL_SECONDS: i64 = 72 * 3_600;

/// The first pause after vendor-wide trouble, in seconds; each one that follows directly is twice as long.
pub const PAUSE_FIRST_SECONDS: i64 = 60;

/// The longest single pause, in seconds.
pub const PAUSE_MAX_SECONDS: i64 = 900;

/// The longest pause that the vendor may ask for, in seconds: whatever it says, every job ends.
pub const PAUSE_ASKED_MAX_SECONDS: i64 = 3_600;

/// How long after its last attempt a piece in doubt is looked up, in seconds: the vendor's search may lag.
pub const LOOK_UP_AFTER_SECONDS: i64 = 900;

/// How long after its first attempt a piece may be sent again, in seconds: 20 h, well within the 24 h that
/// the vendor remembers an idempotency key.
pub const SEND_AGAIN_WITHIN_SECONDS: i64 = 20 * 3_600;

/// How often one piece is sent before it is given up.
pub const PIECE_SENDS_MAX: u32 = 5;

/// Errors of the vendor's own for this many pieces in a row are trouble of the vendor, not of the pieces.
pub const SERVER_ERRORS_IN_A_ROW: u32 = 3;

/// How long a batch that sends nothing more waits for look-ups, in seconds, before doubt becomes unknown.
pub const CLOSING_SECONDS: i64 = 24 * 3_600;

/// A dead letter that comes this soon after another of its batch, in seconds, is a copy and no second death.
pub const DEAD_AGAIN_SECONDS: i64 = 3_600;

/// How long a batch waits, in seconds, after a table, bucket or queue of ours gave no answer.
pub const OUTAGE_PAUSE_SECONDS: u64 = 300;

/// Pieces of one test job. It costs nothing, so it may not keep the press from jobs that are paid for.
pub const TEST_PIECES_MAX: u32 = 100;

/// Vendor calls of one worker at once.
pub const CALLS_AT_ONCE: usize = 4;

/// With less time left than this, in seconds, a worker stores what it has and hands over.
pub const TIME_LEFT_MIN_SECONDS: u64 = 30;

/// The largest artwork file, in bytes: 10 MB.
pub const ARTWORK_BYTES_MAX: u64 = 10 * 1_024 * 1_024;

/// How long an upload policy is valid, in seconds.
pub const UPLOAD_VALID_SECONDS: i64 = 3_600;

/// Characters in a campaign's name.
pub const NAME_LENGTH_MAX: usize = 120;

/// Reads of artwork at once while a job is planned.
pub const PINS_AT_ONCE: usize = 32;
