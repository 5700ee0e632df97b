//! The ledger's bounds, each with its reason.

/// Lots per account: keeps the snapshot, and so the cost of a movement, small.
pub const LOTS_MAX: usize = 32;

/// Open purchases of contacts per organization: what one organization can have in flight at a vendor.
pub const OPEN_CONTACTS_MAX: u32 = 5;

/// Open print jobs per organization.
pub const OPEN_POSTCARDS_MAX: u32 = 5;

/// Open refunds per organization: one decision of finance at a time for each lot is plenty.
pub const OPEN_REFUNDS_MAX: u32 = 100;

/// Open holds for early fraud warnings. Not enforced: a warning is never refused.
pub const OPEN_WARNINGS_MAX: u32 = u32::MAX;

/// Watched levels per account: a few alerts and one for auto top-up, so that the snapshot stays small.
pub const WATCH_LEVELS_MAX: usize = 4;

/// Characters of an entry's description: keeps the entry within one write unit.
pub const DESCRIPTION_LENGTH_MAX: usize = 160;

/// Entries read at once while walking a whole statement.
pub const STATEMENT_PAGE: u32 = 100;

/// Reads of [`STATEMENT_PAGE`] entries for one page of a filtered statement: what a filter passes over must not
/// outlast the request.
pub const STATEMENT_READS_MAX: u32 = 10;

/// Due accounts and notes that one look reads of each shard: the rest stays due.
pub const DUE_PER_SHARD: i32 = 1000;
