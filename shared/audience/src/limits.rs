//! The bounds of purchases of contacts, each with its reason.

use tables::Quota;

/// Contacts of one test order. It costs nothing, so it may neither give much away nor keep workers from orders
/// that are paid for.
pub const TEST_CONTACTS_MAX: u32 = 100;

/// Contacts in one purchase: what one worker fetches in a few minutes.
pub const CONTACTS_MAX: u32 = 100_000;

/// Test orders of one organization open at once, as many as live ones: their searches share the vendor's rate.
pub const OPEN_TESTS_MAX: usize = 5;

/// Counts of one user. A person tries filters by hand, one count in a second or two; a loop is asked to wait. Counts
/// that the cache answers are counted too, since each is a function's run and writes a quote.
pub const COUNTS_OF_A_USER: Quota = Quota { limit: 10, window_seconds: 10 };

/// Counts of one organization that go to the vendor: a dozen people at work, and a third of what all may ask.
pub const COUNTS_OF_AN_ORGANIZATION: Quota = Quota { limit: 30, window_seconds: 60 };

/// Counts of all organizations together at the vendor, which takes 150 calls in 10 s of us. Across the border of two
/// windows twice as many may fall into 10 s: 90, so that 60 calls are always left for purchases and their pages,
/// which take nothing from this. One item takes 4.5 writes a second at most: no shards are needed.
pub const COUNTS_AT_THE_VENDOR: Quota = Quota { limit: 45, window_seconds: 10 };

/// Orders of one organization: each asks the vendor for a count before it is known whether the credits suffice, so
/// that orders which are refused would be free calls without end. Open purchases are bounded at 5 anyway.
pub const ORDERS_OF_AN_ORGANIZATION: Quota = Quota { limit: 20, window_seconds: 10 };

/// How long the vendor's count of some filters is answered again, in seconds.
pub const COUNT_VALID_SECONDS: i64 = 600;

/// When to ask again, in seconds, if the vendor asks us to slow down and does not say for how long: its window.
pub const VENDOR_BUSY_SECONDS: u64 = 10;

/// The longest that a caller is asked to wait for the vendor, in seconds.
pub const VENDOR_BUSY_SECONDS_MAX: u64 = 3_600;

/// How long a quote is valid, in seconds.
pub const QUOTE_VALID_SECONDS: i64 = 1_800;

/// Values in one list of a filter: keeps the record and the vendor's request small.
pub const LIST_LENGTH_MAX: usize = 500;

/// Characters of a city's name.
pub const CITY_LENGTH_MAX: usize = 60;

/// The farthest that a radius reaches, in miles.
pub const RADIUS_MILES_MAX: u32 = 100;

/// The highest age that a range may name.
pub const AGE_MAX: u32 = 120;

/// The highest amount that a range of income or home value may name, in dollars.
pub const DOLLARS_MAX: u32 = 100_000_000;

/// Characters in an audience's name.
pub const NAME_LENGTH_MAX: usize = 120;

/// Contacts that paging through a search reaches: the last offset (4,000) and one page (400). Beyond: scan.
pub const SEARCH_REACH: u32 = 4_400;

/// Scans started for one purchase: each may deliver, and bill, everything once more.
pub const SCANS_MAX: u32 = 3;

/// Calls whose outcome may be billed without our having it. Beyond, the purchase ends with what it has.
pub const DOUBTFUL_CALLS_MAX: u32 = 10;

/// Pages of one purchase: three scans of 100,000 at 200 to a page are 1,500. Beyond, the purchase ends with what
/// it has, because its list must fit into one item of 400 KB or it could never be settled.
pub const PAGES_MAX: usize = 2_000;

/// Added to the worker's remaining time, in seconds: how long its lease outlives it.
pub const LEASE_MARGIN_SECONDS: i64 = 60;

/// How long the sweeper owns a purchase that it settles, in seconds.
pub const SETTLE_LEASE_SECONDS: i64 = 360;

/// With less time left than this, in seconds, a worker checkpoints and hands over.
pub const TIME_LEFT_MIN_SECONDS: u64 = 45;

/// When a purchase that was recorded is looked at again, in seconds, should its message be lost.
pub const FIRST_LOOK_SECONDS: i64 = 60;

/// How long the sweeper leaves what it has queued, in seconds, before it queues it again.
pub const NEXT_LOOK_SECONDS: i64 = 300;

/// The first pause after vendor trouble, in seconds; each one that follows directly is twice as long.
pub const PAUSE_FIRST_SECONDS: i64 = 30;

/// A pause while a scan is under way, in seconds: two of them fit into the minute after which the vendor drops it.
pub const PAUSE_WITHIN_A_SCAN_SECONDS: i64 = 20;

/// How many such pauses: after them the scan is gone anyway, and the vendor is left alone for longer.
pub const PAUSES_WITHIN_A_SCAN: u32 = 2;

/// The longest single pause, in seconds.
pub const PAUSE_MAX_SECONDS: i64 = 600;

/// How long after it was placed a purchase ends at the latest, in seconds: 24 h.
pub const DEADLINE_SECONDS: i64 = 24 * 3_600;
