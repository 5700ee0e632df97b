//! What counting and buying work with.

use crate::{AudienceFailure, Filters, limits::CONTACTS_MAX};
use data_axle_client::DataAxle;
use ledger::Ledger;
use money::Quantity;
use pricing::{Price, PriceBook};
use recipients::Mode;
use tables::WorkTable;
use terms::{Clock, Timestamp};

/// Data Axle, by its live and its test token.
#[derive(Debug, Clone)]
pub struct Vendors {
    /// With the live token.
    pub live: DataAxle,
    /// With the test token.
    pub test: DataAxle,
}

impl Vendors {
    /// The client of an environment.
    #[must_use]
    pub fn of(&self, environment: Mode) -> &DataAxle {
        match environment {
            Mode::Live => &self.live,
            Mode::Test => &self.test,
        }
    }
}

/// The use cases of selling: count with a quote, and purchase.
#[derive(Debug, Clone)]
pub struct Sales {
    /// Credits.
    pub ledger: Ledger,
    /// Business records.
    pub table: WorkTable,
    /// What contacts cost.
    pub prices: PriceBook,
    /// The present time.
    pub clock: Clock,
}

/// Why a number is not one of contacts to buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("maxContacts is a whole number from 1 to {CONTACTS_MAX}")]
pub struct MaxContactsRefused;

/// How many contacts are wanted at most: 1 to 100,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxContacts(u32);

impl MaxContacts {
    /// Takes a number as sent.
    ///
    /// # Errors
    /// [`MaxContactsRefused`].
    pub fn parse(raw: i64) -> Result<Self, MaxContactsRefused> {
        let count = u32::try_from(raw).map_err(|_| MaxContactsRefused)?;
        if (1..=CONTACTS_MAX).contains(&count) { Ok(Self(count)) } else { Err(MaxContactsRefused) }
    }

    /// Of so many matches, how many are bought.
    pub(crate) fn of(self, matches: u64) -> u32 {
        u32::try_from(matches).map_or(self.0, |matches| matches.min(self.0))
    }
}

/// A number of contacts, as prices take it.
pub(crate) fn quantity(contacts: u32) -> Quantity {
    Quantity::new(u64::from(contacts))
}

impl Sales {
    /// How many match now; asks for no record, which is free.
    pub(crate) async fn matches(&self, vendor: &DataAxle, filters: &Filters) -> Result<u64, AudienceFailure> {
        Ok(vendor.count(&filters.to_vendor()).await?)
    }

    /// The price of the tier of so many contacts.
    pub(crate) fn price(&self, contacts: u32, now: Timestamp) -> Price {
        self.prices.at(now).contacts(quantity(contacts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purchase_holds_at_1_and_100000_contacts_and_breaks_one_past_them() {
        for bad in [i64::MIN, -1, 0, 100_001, i64::MAX] {
            assert_eq!(MaxContacts::parse(bad), Err(MaxContactsRefused), "{bad}");
        }
        assert_eq!(MaxContacts::parse(1).unwrap().of(u64::MAX), 1);
        assert_eq!(MaxContacts::parse(100_000).unwrap().of(5), 5);
    }
}
