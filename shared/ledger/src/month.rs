//! Roll-ups of a month: what finance reads instead of history.

use money::Money;
use serde::{Deserialize, Serialize};
use terms::OrganizationId;

/// Whom DropLab pays for what was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// Contacts.
    DataAxle,
    /// Postcards.
    PostGrid,
}

/// What one settled purchase or print job adds to its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorFigures {
    /// Which vendor delivered.
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
    /// Bought by Checkout or top-up.
    pub bought: Money,
    /// Granted free or imported.
    pub granted: Money,
    /// Taken away by corrections of finance.
    pub corrected: Money,
    /// Charged.
    pub spent: Money,
    /// Credited back of charges.
    pub credited_back: Money,
    /// Taken by refunds and disputes, less what was given back.
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

/// One organization's month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationMonth {
    /// The organization.
    pub organization: OrganizationId,
    /// Bought by Checkout or top-up.
    pub bought: Money,
    /// Granted free or imported.
    pub granted: Money,
    /// Taken away by corrections of finance. Of months before this stood apart, it is within `granted`.
    pub corrected: Money,
    /// Charged.
    pub spent: Money,
    /// Credited back of charges.
    pub credited_back: Money,
    /// Taken by refunds and disputes, less what was given back.
    pub taken: Money,
    /// Contacts.
    pub data_axle: VendorTotals,
    /// Postcards.
    pub postgrid: VendorTotals,
}
