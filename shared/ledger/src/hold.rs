//! Credits put on hold until a purchase, a print job or a refund ends.

use crate::{Part, Purpose};
use money::Money;
use serde::{Deserialize, Serialize};
use terms::{HoldId, OrganizationId, Timestamp};

/// Open, and then for good one of the two others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldStatus {
    Open,
    /// Charged or refunded in whole or in part; the rest returned.
    Settled,
    /// All returned.
    Released,
}

/// Created once, ended once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// The purchase's, job's or refund request's id.
    pub id: HoldId,
    pub organization: OrganizationId,
    pub purpose: Purpose,
    /// The sum of the parts.
    pub amount: Money,
    /// What was drawn of each lot, in burn order.
    pub parts: Vec<Part>,
    pub status: HoldStatus,
    /// The number of the entry that opened it.
    pub opened_seq: u64,
    pub opened_at: Timestamp,
    /// The number of the entry that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_seq: Option<u64>,
}
