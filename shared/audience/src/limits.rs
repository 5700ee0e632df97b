//! The bounds of purchases of contacts, each with its reason.

use tables::Quota;

/// Contacts of one test order. It costs nothing, so it must neither give much away nor delay paid orders.
pub const TEST_CONTACTS_MAX: u32 = 100;

/// Contacts in one purchase: what one worker fetches in a few minutes.
pub const CONTACTS_MAX: u32 = 100_000;

/// Test orders of one organization open at once, as many as live ones: their searches share the vendor's rate.
pub const OPEN_TESTS_MAX: usize = 5;

/// Counts of one user. A person tries filters by hand, one count in a second or two; a loop has to wait. Counts
/// answered from the cache count too, since each runs a function and writes a quote.
pub const COUNTS_OF_A_USER: Quota = Quota { limit: 10, window_seconds: 10 };

/// Counts of one organization that go to the vendor: enough for a dozen people, and a third of all organizations'
/// share.
pub const COUNTS_OF_AN_ORGANIZATION: Quota = Quota { limit: 30, window_seconds: 60 };

/// Counts of all organizations together at the vendor, which allows us 150 calls in 10 s. Across the border of two
/// windows twice as many may fall into 10 s: 90, so that 60 calls always remain for purchases and their pages, which
/// do not count here. One item takes at most 4.5 writes a second: no shards are needed.
pub const COUNTS_AT_THE_VENDOR: Quota = Quota { limit: 45, window_seconds: 10 };

/// Orders of one organization: each needs a count by the vendor before it is known whether the credits suffice, so
/// refused orders would otherwise be unlimited free calls. Open purchases are limited to 5 anyway.
pub const ORDERS_OF_AN_ORGANIZATION: Quota = Quota { limit: 20, window_seconds: 10 };

/// How long the vendor's count of some filters is used again.
pub const COUNT_VALID_SECONDS: i64 = 600;

/// Retry-After if the vendor limits our rate and names no time: the length of its window.
pub const VENDOR_BUSY_SECONDS: u64 = 10;

/// The longest Retry-After on behalf of the vendor.
pub const VENDOR_BUSY_SECONDS_MAX: u64 = 3_600;

pub const QUOTE_VALID_SECONDS: i64 = 1_800;

/// Values in one list of a filter: keeps the record and the vendor's request small.
pub const LIST_LENGTH_MAX: usize = 500;

pub const CITY_LENGTH_MAX: usize = 60;

pub const RADIUS_MILES_MAX: u32 = 100;

/// The highest age in a range.
pub const AGE_MAX: u32 = 120;

/// The highest income or home value in a range.
pub const DOLLARS_MAX: u32 = 100_000_000;

/// Characters in an audience's name.
pub const NAME_LENGTH_MAX: usize = 120;

/// Contacts within the reach of a search: its last offset (4,000) and one page (400). Beyond: scan.
pub const SEARCH_REACH: u32 = 4_400;

/// Scans started for one purchase: each may deliver, and bill, everything once more.
pub const SCANS_MAX: u32 = 3;

/// Calls that may be billed although their response was lost. Beyond, the purchase ends with what it has.
pub const DOUBTFUL_CALLS_MAX: u32 = 10;

/// Pages of one purchase: three scans of 100,000 at 200 to a page are 1,500. Beyond, the purchase ends with what it
/// has, because its list must fit into one item of 400 KB or it could never be settled.
pub const PAGES_MAX: usize = 2_000;

/// How long a lease outlives its worker's remaining time.
pub const LEASE_MARGIN_SECONDS: i64 = 60;

/// How long the sweeper owns a purchase that it settles.
pub const SETTLE_LEASE_SECONDS: i64 = 360;

/// With less time left, a worker stores its progress and hands the purchase over.
pub const TIME_LEFT_MIN_SECONDS: u64 = 45;

/// When a new purchase is checked, in case its message is lost.
pub const FIRST_LOOK_SECONDS: i64 = 60;

/// How long the sweeper waits before it queues the same work again.
pub const NEXT_LOOK_SECONDS: i64 = 300;

/// The first pause after vendor trouble; each that follows directly is twice as long.
pub const PAUSE_FIRST_SECONDS: i64 = 30;

/// A pause during a scan: two of them fit into the minute after which the vendor drops the scan.
pub const PAUSE_WITHIN_A_SCAN_SECONDS: i64 = 20;

/// Pauses of that kind: after them the scan is gone anyway, and longer pauses follow.
pub const PAUSES_WITHIN_A_SCAN: u32 = 2;

pub const PAUSE_MAX_SECONDS: i64 = 600;

/// 24 h after it was placed, a purchase ends.
pub const DEADLINE_SECONDS: i64 = 24 * 3_600;
