//! The JSON of a price book, and the checks that make it a [`PriceBook`](crate::PriceBook).

use crate::error::PriceBookError;
use crate::version::{ContactTier, Price, Version};
use money::{MoneyError, UnitPrice};
use serde::Deserialize;
use terms::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BookJson {
    pub(crate) versions: Vec<VersionJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct VersionJson {
    version: u32,
    effective_from: Timestamp,
    contacts: Vec<TierJson>,
    postcards: PriceJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TierJson {
    from: u64,
    unit_price: String,
    vendor_unit_cost: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PriceJson {
    unit_price: String,
    vendor_unit_cost: String,
}

impl VersionJson {
    pub(crate) fn check(self) -> Result<Version, PriceBookError> {
        let number = self.version;
        let tiers =
            self.contacts.iter().map(|tier| check_tier(number, tier)).collect::<Result<Vec<_>, _>>()?;
        let Some(base) = tiers.first().copied() else {
            return Err(PriceBookError::NoTiers { version: number });
        };
        if base.from != 1 {
            return Err(PriceBookError::FirstTierNotOne { version: number, from: base.from });
        }
        for (before, tier) in tiers.iter().zip(tiers.iter().skip(1)) {
            if tier.from <= before.from {
                return Err(PriceBookError::TiersNotAscending { version: number, from: tier.from });
            }
        }
        let place = format!("the postcard of version {number}");
        let postcards = check_price(&place, &self.postcards.unit_price, &self.postcards.vendor_unit_cost)?;
        Ok(Version { number, effective_from: self.effective_from, base, tiers, postcards })
    }
}

fn check_tier(version: u32, tier: &TierJson) -> Result<ContactTier, PriceBookError> {
    let place = format!("the tier from {} of version {version}", tier.from);
    let price = check_price(&place, &tier.unit_price, &tier.vendor_unit_cost)?;
    Ok(ContactTier {
        from: tier.from,
        unit_price: price.unit_price,
        vendor_unit_cost: price.vendor_unit_price,
    })
}

fn check_price(place: &str, unit_price: &str, vendor_unit_cost: &str) -> Result<Price, PriceBookError> {
    let price = Price {
        unit_price: check_unit(place, "unitPrice", unit_price)?,
        vendor_unit_price: check_unit(place, "vendorUnitCost", vendor_unit_cost)?,
    };
    if price.unit_price < price.vendor_unit_price {
        return Err(PriceBookError::SoldBelowCost { place: place.to_owned() });
    }
    Ok(price)
}

fn check_unit(place: &str, field: &str, raw: &str) -> Result<UnitPrice, PriceBookError> {
    let place = || format!("{field} of {place}");
    UnitPrice::parse(raw).map_err(|error| match error {
        MoneyError::NotPositive => PriceBookError::NegativePrice { place: place() },
        MoneyError::NotANumber | MoneyError::TooManyDecimals | MoneyError::TooLarge => {
            PriceBookError::NotAPrice { place: place(), source: error }
        }
    })
}
