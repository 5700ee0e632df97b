//! What can be wrong with a price book: each mistake is its own error, and says where it stands.

use money::MoneyError;

/// Why a text is not a price book.
#[derive(Debug, thiserror::Error)]
pub enum PriceBookError {
    /// Not JSON, a field is missing, misspelt or of the wrong kind.
    #[error("the price book is not JSON of the price book's shape")]
    Shape(#[source] serde_json::Error),
    /// An empty list of versions.
    #[error("the price book has no version")]
    NoVersions,
    /// A version's number is not above the one before it.
    #[error("version {version} follows version {previous}: numbers must rise")]
    NumbersNotRising {
        /// The number that stands before.
        previous: u32,
        /// The number that does not rise.
        version: u32,
    },
    /// A version takes effect no later than the one before it.
    #[error("version {version} does not take effect after the version before it")]
    VersionsNotSorted {
        /// The version that is out of order.
        version: u32,
    },
    /// A version without tiers of contacts.
    #[error("version {version} has no tier of contacts")]
    NoTiers {
        /// The version.
        version: u32,
    },
    /// The first tier leaves small purchases without a price.
    #[error("the first tier of version {version} starts at {from}, not at 1")]
    FirstTierNotOne {
        /// The version.
        version: u32,
        /// Where its first tier starts.
        from: u64,
    },
    /// A tier starts no later than the one before it.
    #[error("the tier from {from} of version {version} does not start after the tier before it")]
    TiersNotAscending {
        /// The version.
        version: u32,
        /// Where the tier starts.
        from: u64,
    },
    /// A price is below zero.
    #[error("{place} is below zero")]
    NegativePrice {
        /// Version, tier and field.
        place: String,
    },
    /// A price is not written in digits, has more than four decimals or is too large.
    #[error("{place} is not a unit price")]
    NotAPrice {
        /// Version, tier and field.
        place: String,
        /// What is wrong with it.
        #[source]
        source: MoneyError,
    },
    /// The vendor charges more than the customer pays: most likely the two were swapped.
    #[error("{place} is sold below what the vendor charges")]
    SoldBelowCost {
        /// Version and tier.
        place: String,
    },
}
