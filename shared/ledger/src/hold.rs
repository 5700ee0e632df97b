//! Credits put aside until a purchase, a print job or a refund ends.

use crate::{Part, Purpose};
use money::Money;
use serde::{Deserialize, Serialize};
use terms::{HoldId, OrganizationId, Timestamp};

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldStatus {
    /// The credits are put aside.
    Open,
    /// Charged or refunded in whole or in part; the rest returned.
    Settled,
    /// All returned.
    Released,
}

/// Credits put aside for one purchase, print job or refund. Created once, ended once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// The purchase's, job's or refund request's id.
    pub id: HoldId,
    /// Whose credits.
    pub organization: OrganizationId,
    /// What for.
    pub purpose: Purpose,
    /// How much, the sum of the parts.
    pub amount: Money,
    /// What was drawn of each lot, in burn order.
    pub parts: Vec<Part>,
    /// Where it stands.
    pub status: HoldStatus,
    /// The entry that opened it.
    pub opened_seq: u64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The entry that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_seq: Option<u64>,
}
