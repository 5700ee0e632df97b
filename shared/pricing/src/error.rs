//! What can be wrong with a price book: each mistake is its own error, and names its place.

use money::MoneyError;

#[derive(Debug, thiserror::Error)]
pub enum PriceBookError {
    /// Not JSON, or a field is missing, misspelt or of the wrong type.
    #[error("the price book is not JSON of the price book's shape")]
    Shape(#[source] serde_json::Error),
    #[error("the price book has no version")]
    NoVersions,
    #[error("version {version} follows version {previous}: numbers must rise")]
    NumbersNotRising { previous: u32, version: u32 },
    #[error("version {version} does not take effect after the version before it")]
    VersionsNotSorted { version: u32 },
    #[error("version {version} has no tier of contacts")]
    NoTiers { version: u32 },
    /// Small purchases would have no price.
    #[error("the first tier of version {version} starts at {from}, not at 1")]
    FirstTierNotOne { version: u32, from: u64 },
    #[error("the tier from {from} of version {version} does not start after the tier before it")]
    TiersNotAscending { version: u32, from: u64 },
    #[error("{place} is below zero")]
    NegativePrice {
        /// Version, tier and field.
        place: String,
    },
    /// Not digits, more than four decimals, or too large.
    #[error("{place} is not a unit price")]
    NotAPrice {
        /// Version, tier and field.
        place: String,
        #[source]
        source: MoneyError,
    },
    /// Most likely the two prices were swapped.
    #[error("{place} is sold below what the vendor charges")]
    SoldBelowCost {
        /// Version and tier.
        place: String,
    },
}
