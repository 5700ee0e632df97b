//! One version of the prices: tiers of contacts, and postcards.

use money::{Money, MoneyError, Quantity, UnitPrice};
use serde::{Deserialize, Serialize};
use terms::Timestamp;

/// What one contact or postcard costs: the customer, and us.
///
/// Stands on the record of a purchase or job, so that a new price book changes nothing already sold.
/// It carries what the vendor charges: never part of a customer's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// What the customer pays for one, in credits (1 credit = 1 USD).
    pub unit_price: UnitPrice,
    /// What the vendor charges us for one, in USD.
    pub vendor_unit_price: UnitPrice,
}

impl Price {
    /// What the customer pays for this many, rounded once to cents.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] beyond the largest amount.
    pub fn charge(&self, quantity: Quantity) -> Result<Money, MoneyError> {
        self.unit_price.times(quantity)
    }

    /// What the vendor charges us for this many, rounded once to cents.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] beyond the largest amount.
    pub fn vendor_cost(&self, quantity: Quantity) -> Result<Money, MoneyError> {
        self.vendor_unit_price.times(quantity)
    }
}

/// The prices of a contact in purchases of `from` contacts and more, up to the next tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactTier {
    /// The fewest contacts in one purchase that this tier serves.
    pub from: u64,
    /// What the customer pays for one contact.
    pub unit_price: UnitPrice,
    /// What Data Axle charges us for one contact.
    pub vendor_unit_cost: UnitPrice,
}

/// The prices that are in effect from one instant to the next version's.
#[derive(Debug, Clone)]
pub struct Version {
    pub(crate) number: u32,
    pub(crate) effective_from: Timestamp,
    /// The tier from 1 on, apart, so that every quantity has a tier by construction.
    pub(crate) base: ContactTier,
    /// All tiers, the base first, `from` ascending.
    pub(crate) tiers: Vec<ContactTier>,
    pub(crate) postcards: Price,
}

impl Version {
    /// Its number in the book, counted upwards.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The first instant at which these prices hold.
    #[must_use]
    pub fn effective_from(&self) -> Timestamp {
        self.effective_from
    }

    /// All tiers of contacts, smallest first; the first starts at 1.
    #[must_use]
    pub fn contact_tiers(&self) -> &[ContactTier] {
        &self.tiers
    }

    /// The tier of a purchase of this many contacts; of none, the first.
    #[must_use]
    pub fn contact_tier(&self, quantity: Quantity) -> &ContactTier {
        self.tiers.iter().rev().find(|tier| tier.from <= quantity.get()).unwrap_or(&self.base)
    }

    /// The price of one contact in a purchase of this many: the whole purchase has one price.
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
