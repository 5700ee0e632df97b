//! What a customer may filter by, and the vendor's names for it.
//!
//! An allow-list: our names, checked, on the left; the vendor's attribute names, constants of this file, on the right
//! (platform.data-axle.com/people/docs/filter_dsl). A user's text never becomes an attribute name.

use crate::limits;
use data_axle_client::Filter;
use serde::{Deserialize, Deserializer, Serialize, de::Visitor};
use terms::{PersonText, is_zip_code, with_plain_punctuation};

type CityName = PersonText<{ limits::CITY_LENGTH_MAX }>;

/// Why filters are refused. The text is for the customer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterRefused {
    /// An unknown filter, or a value of the wrong type. Quotes the customer's own text.
    #[error("{0}")]
    Shape(String),
    #[error("{0} takes 1 to {max} values", max = limits::LIST_LENGTH_MAX)]
    ListLength(&'static str),
    #[error("states are two letters each, for example \"FL\"")]
    State,
    /// A city is empty, too long, or has a character that no city's name has.
    #[error(
        "cities are names of 1 to {max} letters, with blanks, full stops, apostrophes and hyphens",
        max = limits::CITY_LENGTH_MAX
    )]
    City,
    #[error("ZIP codes are five digits each, for example \"33602\"")]
    Zip,
    #[error("a radius reaches 1 to {max} miles", max = limits::RADIUS_MILES_MAX)]
    Miles,
    /// A range has no bound, its bounds are the wrong way round, or one is too high.
    #[error("{name} needs min, max or both, min not above max, and at most {max}")]
    Range { name: &'static str, max: u32 },
}

/// Values that the vendor does not know are refused by this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    Female,
    Male,
}

/// Around a ZIP code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Radius {
    /// The centre, five digits.
    #[serde(deserialize_with = "zip_text")]
    pub zip: String,
    /// 1 to 100.
    pub miles: u32,
}

/// Both included; one of them may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

/// The people wanted: every given filter must hold, and of a list one value. No filter at all is everyone with a
/// mailing address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Filters {
    /// Two letters each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub states: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cities: Option<Vec<String>>,
    /// Five digits each.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "zip_texts")]
    pub zips: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius: Option<Radius>,
    /// In years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<Range>,
    /// In dollars a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household_income: Option<Range>,
    /// In dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_value: Option<Range>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homeowner: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub married: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<bool>,
}

impl Filters {
    /// Takes filters as sent: an object of known names with valid values.
    pub fn parse(wire: serde_json::Value) -> Result<Self, FilterRefused> {
        // serde would also fill a struct from an array, by position.
        if !wire.is_object() {
            return Err(FilterRefused::Shape("filters are an object".to_owned()));
        }
        let filters: Self =
            serde_json::from_value(wire).map_err(|error| FilterRefused::Shape(error.to_string()))?;
        filters.checked()
    }

    /// Checks every value and normalizes: lists sorted and without repetitions, states in capitals. Filters that mean
    /// the same are then equal.
    fn checked(self) -> Result<Self, FilterRefused> {
        if let Some(radius) = &self.radius {
            zip(&radius.zip)?;
            if !(1..=limits::RADIUS_MILES_MAX).contains(&radius.miles) {
                return Err(FilterRefused::Miles);
            }
        }
        check_range("age", limits::AGE_MAX, self.age)?;
        check_range("householdIncome", limits::DOLLARS_MAX, self.household_income)?;
        check_range("homeValue", limits::DOLLARS_MAX, self.home_value)?;
        Ok(Self {
            states: list("states", self.states, |raw| state(&raw))?,
            cities: list("cities", self.cities, |raw| city(&raw))?,
            zips: list("zips", self.zips, |raw| zip(&raw).map(|()| raw))?,
            ..self
        })
    }

    /// In the vendor's language. A mailing address is always required: contacts are bought to be mailed to.
    #[must_use]
    pub fn to_vendor(&self) -> Filter {
        let mut all = vec![Filter::present("street")];
        let one_of = |attribute, values: &Option<Vec<String>>| {
            values.as_ref().map(|values| Filter::one_of(attribute, values.iter().cloned()))
        };
        let flag = |attribute, value: Option<bool>| value.map(|value| Filter::equals(attribute, value));
        all.extend(one_of("state", &self.states));
        all.extend(one_of("city", &self.cities));
        all.extend(one_of("postal_code", &self.zips));
        all.extend(
            self.radius.as_ref().map(|around| Filter::within_miles_of_postal_code(&around.zip, around.miles)),
        );
        all.extend(self.age.and_then(|range| between("age", range)));
        all.extend(self.household_income.and_then(|range| between("family.estimated_income", range)));
        all.extend(self.home_value.and_then(|range| between("real_estate.estimated_home_value", range)));
        all.extend(flag("family.home_owner", self.homeowner));
        all.extend(self.gender.map(|gender| {
            Filter::equals(
                "gender",
                match gender {
                    Gender::Female => "F",
                    Gender::Male => "M",
                },
            )
        }));
        all.extend(flag("estimated_married", self.married));
        all.extend(flag("family.has_children", self.children));
        Filter::all(all)
    }
}

fn between(attribute: &'static str, range: Range) -> Option<Filter> {
    match (range.min.map(i64::from), range.max.map(i64::from)) {
        (Some(min), Some(max)) => Some(Filter::between(attribute, min, max)),
        // The vendor's two relations exclude their bound, ours include it.
        (Some(min), None) => Some(Filter::greater_than(attribute, min.saturating_sub(1))),
        (None, Some(max)) => Some(Filter::less_than(attribute, max.saturating_add(1))),
        (None, None) => None,
    }
}

fn check_range(name: &'static str, max: u32, range: Option<Range>) -> Result<(), FilterRefused> {
    let Some(range) = range else { return Ok(()) };
    let bounds = [range.min, range.max];
    let some = bounds.iter().flatten().next().is_some();
    let ordered = range.min.zip(range.max).is_none_or(|(least, most)| least <= most);
    if some && ordered && bounds.iter().flatten().all(|bound| *bound <= max) {
        Ok(())
    } else {
        Err(FilterRefused::Range { name, max })
    }
}

fn list(
    name: &'static str,
    values: Option<Vec<String>>,
    check: impl Fn(String) -> Result<String, FilterRefused>,
) -> Result<Option<Vec<String>>, FilterRefused> {
    let Some(values) = values else { return Ok(None) };
    if !(1..=limits::LIST_LENGTH_MAX).contains(&values.len()) {
        return Err(FilterRefused::ListLength(name));
    }
    let checked: Result<Vec<String>, FilterRefused> = values.into_iter().map(check).collect();
    let mut checked = checked?;
    checked.sort_unstable();
    checked.dedup();
    Ok(Some(checked))
}

fn state(raw: &str) -> Result<String, FilterRefused> {
    let letters = raw.len() == 2 && raw.bytes().all(|byte| byte.is_ascii_alphabetic());
    if letters { Ok(raw.to_ascii_uppercase()) } else { Err(FilterRefused::State) }
}

/// A city as the vendor writes it: it compares letter by letter.
fn city(raw: &str) -> Result<String, FilterRefused> {
    let typed = CityName::parse(raw).map_err(|_| FilterRefused::City)?;
    let name = with_plain_punctuation(typed.as_str());
    let plain = name.chars().all(|letter| letter.is_alphabetic() || " .'-".contains(letter));
    if plain { Ok(name) } else { Err(FilterRefused::City) }
}

/// A ZIP code as a text. A number may have lost a leading zero, so it is refused with a message that says so.
struct ZipText(String);

impl<'de> Deserialize<'de> for ZipText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = ZipText;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a ZIP code in quotation marks, for example \"02108\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ZipText, E> {
                Ok(ZipText(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

fn zip_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    ZipText::deserialize(deserializer).map(|zip| zip.0)
}

fn zip_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let zips = Option::<Vec<ZipText>>::deserialize(deserializer)?;
    Ok(zips.map(|zips| zips.into_iter().map(|zip| zip.0).collect()))
}

fn zip(raw: &str) -> Result<(), FilterRefused> {
    if is_zip_code(raw) { Ok(()) } else { Err(FilterRefused::Zip) }
}

#[cfg(test)]
#[path = "filters_tests.rs"]
mod tests;
