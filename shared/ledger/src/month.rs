//! Roll-ups of a month: what finance reads instead of history.

use money::Money;
use serde::{Deserialize, Serialize};
use terms::OrganizationId;

/// Whom DropLab pays for what was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// Delivers contacts.
    DataAxle,
    /// Prints and mails postcards.
    PostGrid,
}

/// What one settled purchase or print job adds to its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorFigures {
    pub vendor: Vendor,
    /// Purchases or jobs: 1, or 0 for a correction of one already counted.
    pub orders: i64,
    /// Contacts or pieces.
    pub quantity: i64,
    /// What the vendor may bill, in USD.
    pub cost: Money,
    /// What the customer was charged, in credits.
    pub charge: Money,
}

/// What a movement adds to the month of its entry, in credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MonthDelta {
    /// By Checkout or top-up.
    pub bought: Money,
    /// Free or imported.
    pub granted: Money,
    /// Removed by corrections of finance.
    pub corrected: Money,
    pub spent: Money,
    pub credited_back: Money,
    /// Reversed for refunds and disputes, minus what was reinstated.
    pub taken: Money,
}

impl MonthDelta {
    /// Whether it adds nothing: then the month is not written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One vendor's figures of one organization in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct VendorTotals {
    /// Purchases or jobs.
    pub orders: i64,
    /// Contacts or pieces.
    pub quantity: i64,
    /// What the vendor may bill, in USD.
    pub cost: Money,
    /// What the customer was charged, in credits.
    pub charge: Money,
}

/// One organization's month, in credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationMonth {
    pub organization: OrganizationId,
    /// By Checkout or top-up.
    pub bought: Money,
    /// Free or imported.
    pub granted: Money,
    /// Removed by corrections of finance. In months written before this field existed, they are within `granted`.
    pub corrected: Money,
    pub spent: Money,
    pub credited_back: Money,
    /// Reversed for refunds and disputes, minus what was reinstated.
    pub taken: Money,
    pub data_axle: VendorTotals,
    pub postgrid: VendorTotals,
}
