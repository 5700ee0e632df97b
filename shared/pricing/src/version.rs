//! One version of the prices: tiers of contacts, and postcards.

use money::{Money, MoneyError, Quantity, UnitPrice};
use serde::{Deserialize, Serialize};
use terms::Timestamp;

/// What one contact or postcard costs the customer, and us.
///
/// It is stored with a purchase or job, so that a new price book changes nothing already sold. It holds what the
/// vendor charges: never part of a response to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// What the customer pays for one, in credits (1 credit = 1 USD).
    pub unit_price: UnitPrice,
    /// What the vendor charges us for one, in USD.
    pub vendor_unit_price: UnitPrice,
}

impl Price {
    /// What the customer pays for `quantity`, in credits, rounded once to cents.
    pub fn charge(&self, quantity: Quantity) -> Result<Money, MoneyError> {
        self.unit_price.times(quantity)
    }

    /// What the vendor charges us for `quantity`, in USD, rounded once to cents.
    pub fn vendor_cost(&self, quantity: Quantity) -> Result<Money, MoneyError> {
        self.vendor_unit_price.times(quantity)
    }
}

/// The prices of a contact in purchases of at least `from` contacts, up to the next tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactTier {
    pub from: u64,
    /// What the customer pays for one contact.
    pub unit_price: UnitPrice,
    /// What Data Axle charges us for one contact.
    pub vendor_unit_cost: UnitPrice,
}

/// The prices in effect from `effective_from` until the next version's.
#[derive(Debug, Clone)]
pub struct Version {
    pub(crate) number: u32,
    pub(crate) effective_from: Timestamp,
    /// The tier from 1 on, apart, so that every quantity has a tier by construction.
    pub(crate) base: ContactTier,
    /// The base first, `from` ascending.
    pub(crate) tiers: Vec<ContactTier>,
    pub(crate) postcards: Price,
}

impl Version {
    /// Ascending through the book.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    #[must_use]
    pub fn effective_from(&self) -> Timestamp {
        self.effective_from
    }

    /// The tier of a purchase of `quantity` contacts; of zero, the first.
    #[must_use]
    pub(crate) fn contact_tier(&self, quantity: Quantity) -> &ContactTier {
        self.tiers.iter().rev().find(|tier| tier.from <= quantity.get()).unwrap_or(&self.base)
    }

    /// Every contact of a purchase has the same price, that of the purchase's tier.
    #[must_use]
    pub fn contacts(&self, quantity: Quantity) -> Price {
        let tier = self.contact_tier(quantity);
        Price { unit_price: tier.unit_price, vendor_unit_price: tier.vendor_unit_cost }
    }

    /// The price of one postcard, whatever the number.
    #[must_use]
    pub fn postcards(&self) -> Price {
        self.postcards
    }
}
