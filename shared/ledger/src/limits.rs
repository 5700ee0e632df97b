//! The ledger's bounds, each with its reason.

/// Lots per account: keeps the snapshot, and so the cost of a movement, small.
pub const LOTS_MAX: usize = 32;

/// Open purchases of contacts per organization: bounds what one organization has in progress at a vendor.
pub const OPEN_CONTACTS_MAX: u32 = 5;

/// Open print jobs per organization: bounds what one organization has in progress at a vendor.
pub const OPEN_POSTCARDS_MAX: u32 = 5;

/// Open refunds per organization: more than finance decides at one time.
pub const OPEN_REFUNDS_MAX: u32 = 100;

/// Open holds for early fraud warnings. Not enforced: a warning is never refused.
pub const OPEN_WARNINGS_MAX: u32 = u32::MAX;

/// Watched levels per account: a few alerts and one for auto top-up, so that the snapshot stays small.
pub const WATCH_LEVELS_MAX: usize = 4;

/// Characters of an entry's description: keeps the entry within one write unit.
pub const DESCRIPTION_LENGTH_MAX: usize = 160;

/// Entries per read while a whole statement is read.
pub const STATEMENT_PAGE: u32 = 100;

/// Reads of [`STATEMENT_PAGE`] entries for one page of a filtered statement, so that passing over entries does not
/// outlast the request.
pub const STATEMENT_READS_MAX: u32 = 10;

/// Due accounts and crossings per shard and read; the rest stays due.
pub const DUE_PER_SHARD: i32 = 1000;
