//! [`PriceBook`]: the versions of the prices, and which one is in effect when.

use crate::error::PriceBookError;
use crate::version::Version;
use crate::wire::BookJson;
use terms::Timestamp;

#[derive(Debug, Clone)]
pub struct PriceBook {
    /// The first version, apart, so that there is always one.
    first: Version,
    /// By the time they take effect.
    later: Vec<Version>,
}

/// `infra/price-book.json` as of this build. It fails only if that file is wrong, which a test of this crate
/// excludes.
pub fn default_book() -> Result<PriceBook, PriceBookError> {
    PriceBook::parse(include_str!("../../../infra/price-book.json"))
}

impl PriceBook {
    /// Reads and checks a price book's JSON: `{"versions": [{"version", "effectiveFrom", "contacts": [{"from",
    /// "unitPrice", "vendorUnitCost"}], "postcards": {..}}]}`, prices as strings.
    pub fn parse(raw: &str) -> Result<Self, PriceBookError> {
        let book: BookJson = serde_json::from_str(raw).map_err(PriceBookError::Shape)?;
        let mut versions = book.versions.into_iter();
        let first = versions.next().ok_or(PriceBookError::NoVersions)?.check()?;
        let mut later: Vec<Version> = Vec::new();
        for json in versions {
            let version = json.check()?;
            let before = later.last().unwrap_or(&first);
            if version.number <= before.number {
                let (previous, version) = (before.number, version.number);
                return Err(PriceBookError::NumbersNotRising { previous, version });
            }
            if version.effective_from <= before.effective_from {
                return Err(PriceBookError::VersionsNotSorted { version: version.number });
            }
            later.push(version);
        }
        Ok(Self { first, later })
    }

    /// Before the first version takes effect, the first.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> &Version {
        self.later.iter().rev().find(|version| version.effective_from <= instant).unwrap_or(&self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::Quantity;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn at(raw: &str) -> Timestamp {
        Timestamp::parse(raw).unwrap()
    }

    fn tier(from: u64, price: &str, cost: &str) -> Value {
        json!({"from": from, "unitPrice": price, "vendorUnitCost": cost})
    }

    fn version(number: u32, from: &str, tiers: &[Value]) -> Value {
        let postcards = json!({"unitPrice": "1.00", "vendorUnitCost": "0.85"});
        json!({"version": number, "effectiveFrom": from, "contacts": tiers, "postcards": postcards})
    }

    fn book(versions: &[Value]) -> Result<PriceBook, PriceBookError> {
        PriceBook::parse(&json!({ "versions": versions }).to_string())
    }

    #[test]
    fn the_default_book_is_the_table_of_the_design() {
        let book = default_book().unwrap();
        let version = book.at(at("2026-11-22T00:00:00Z"));
        let table = [
            (0, "0.35", "0.18"),
            (1, "0.35", "0.18"),
            (999, "0.35", "0.18"),
            (1_000, "0.30", "0.15"),
            (4_999, "0.30", "0.15"),
            (5_000, "0.20", "0.12"),
            (49_999, "0.20", "0.12"),
            (50_000, "0.18", "0.10"),
            (100_000, "0.18", "0.10"),
            (u64::MAX, "0.18", "0.10"),
        ];
        for (contacts, pays, costs) in table {
            let price = version.contacts(Quantity::new(contacts));
            assert_eq!(price.unit_price.to_string(), pays, "{contacts}");
            assert_eq!(price.vendor_unit_price.to_string(), costs, "{contacts}");
        }
        let card = version.postcards();
        assert_eq!(
            (card.unit_price.to_string(), card.vendor_unit_price.to_string()),
            ("1.00".into(), "0.85".into())
        );
        assert_eq!((version.number(), version.tiers.len()), (1, 4));
    }

    #[test]
    fn five_thousand_contacts_are_sold_for_1000_00_and_cost_600_00() {
        let book = default_book().unwrap();
        let quantity = Quantity::new(5_000);
        let price = book.at(at("2026-11-22T00:00:00Z")).contacts(quantity);
        assert_eq!(price.charge(quantity).unwrap().to_string(), "1000.00");
        assert_eq!(price.vendor_cost(quantity).unwrap().to_string(), "600.00");
    }

    #[test]
    fn a_new_version_holds_from_its_instant_on_and_never_earlier() {
        let book = book(&[
            version(1, "2026-01-01T00:00:00Z", &[tier(1, "0.35", "0.18")]),
            version(2, "2026-12-01T00:00:00Z", &[tier(1, "0.40", "0.20")]),
            version(5, "2027-01-01T00:00:00Z", &[tier(1, "0.45", "0.20")]),
        ])
        .unwrap();
        let table = [
            ("1999-01-01T00:00:00Z", 1),
            ("2026-11-30T23:59:59.999Z", 1),
            ("2026-12-01T00:00:00.000Z", 2),
            ("2026-12-31T23:59:59.999Z", 2),
            ("2027-01-01T00:00:00Z", 5),
            ("2099-01-01T00:00:00Z", 5),
        ];
        for (instant, number) in table {
            assert_eq!(book.at(at(instant)).number(), number, "{instant}");
        }
    }

    #[test]
    fn each_mistake_is_an_error_of_its_own() {
        use PriceBookError as E;
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z");
        let good = || tier(1, "0.35", "0.18");
        let one = |tiers: &[Value]| book(&[version(1, early, tiers)]).unwrap_err();

        assert!(matches!(PriceBook::parse("{").unwrap_err(), E::Shape(_)));
        assert!(matches!(PriceBook::parse(r#"{"versions": [], "extra": 1}"#).unwrap_err(), E::Shape(_)));
        let float = json!({"from": 1, "unitPrice": 0.35, "vendorUnitCost": "0.18"});
        assert!(matches!(one(&[float]), E::Shape(_)));
        assert!(matches!(book(&[]).unwrap_err(), E::NoVersions));
        assert!(matches!(one(&[]), E::NoTiers { version: 1 }));
        assert!(matches!(one(&[tier(0, "1", "1")]), E::FirstTierNotOne { from: 0, .. }));
        assert!(matches!(one(&[tier(2, "1", "1")]), E::FirstTierNotOne { from: 2, .. }));
        assert!(matches!(one(&[good(), tier(1, "0.30", "0.15")]), E::TiersNotAscending { from: 1, .. }));
        let falling = [good(), tier(10, "0.30", "0.15"), tier(5, "0.30", "0.15")];
        assert!(matches!(one(&falling), E::TiersNotAscending { from: 5, .. }));
        assert!(matches!(one(&[tier(1, "-0.01", "0")]), E::NegativePrice { .. }));
        assert!(matches!(one(&[tier(1, "1", "-0.01")]), E::NegativePrice { .. }));
        assert!(matches!(one(&[tier(1, "1e3", "1")]), E::NotAPrice { .. }));
        assert!(matches!(one(&[tier(1, "0.12345", "0")]), E::NotAPrice { .. }));
        assert!(matches!(one(&[tier(1, "0.18", "0.35")]), E::SoldBelowCost { .. }));
        let twice = [version(1, early, &[good()]), version(1, late, &[good()])];
        assert!(matches!(book(&twice).unwrap_err(), E::NumbersNotRising { previous: 1, version: 1 }));
        let unsorted = [version(1, late, &[good()]), version(2, early, &[good()])];
        assert!(matches!(book(&unsorted).unwrap_err(), E::VersionsNotSorted { version: 2 }));
        let same = [version(1, early, &[good()]), version(2, early, &[good()])];
        assert!(matches!(book(&same).unwrap_err(), E::VersionsNotSorted { version: 2 }));
        assert!(book(&[version(1, early, &[tier(1, "0", "0")])]).is_ok(), "free is allowed");
    }

    #[test]
    fn an_error_says_where_the_mistake_stands() {
        let wrong = book(&[version(3, "2026-01-01T00:00:00Z", &[tier(1, "-1", "0")])]).unwrap_err();
        assert_eq!(wrong.to_string(), "unitPrice of the tier from 1 of version 3 is below zero");
    }

    #[test]
    fn a_price_on_a_record_reads_back_as_it_was() {
        let price = default_book().unwrap().at(at("2026-11-22T00:00:00Z")).postcards();
        let text = serde_json::to_string(&price).unwrap();
        assert_eq!(text, r#"{"unitPrice":"1.00","vendorUnitPrice":"0.85"}"#);
        assert_eq!(serde_json::from_str::<crate::Price>(&text).unwrap(), price);
    }

    proptest! {
        #[test]
        fn a_purchase_is_never_sold_below_cost(contacts in 1u64..1_000_000) {
            let book = default_book().unwrap();
            let quantity = Quantity::new(contacts);
            let price = book.at(at("2026-11-22T00:00:00Z")).contacts(quantity);
            prop_assert!(price.charge(quantity).unwrap() >= price.vendor_cost(quantity).unwrap());
        }

        #[test]
        fn the_tier_is_the_last_that_starts_at_or_below_the_quantity(
            starts in proptest::collection::btree_set(2u64..2_000, 0..6),
            contacts in 1u64..2_500,
        ) {
            let starts: Vec<u64> = std::iter::once(1).chain(starts).collect();
            let tiers: Vec<Value> = starts.iter().map(|from| tier(*from, "1", "1")).collect();
            let book = book(&[version(1, "2026-01-01T00:00:00Z", &tiers)]).unwrap();
            let found = book.at(at("2026-01-01T00:00:00Z")).contact_tier(Quantity::new(contacts)).from;
            let expected = starts.iter().filter(|from| **from <= contacts).max().unwrap();
            prop_assert_eq!(found, *expected);
        }

        #[test]
        fn any_text_is_a_book_or_an_error_and_never_a_panic(raw in ".{0,200}") {
            let _ = PriceBook::parse(&raw);
        }
    }
}
