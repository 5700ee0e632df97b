//! The filter language: relations and connectives (`people/docs/filter_dsl`), parsed once and asked of each
//! person.

use std::collections::HashSet;

use serde_json::Value;

use super::geography::{self, Point};
use super::people::Person;

/// Groups may nest this deep.
const MAX_DEPTH: usize = 16;

/// What can be asked of a person. A name outside this list is refused, as one outside the account's Data
/// Dictionary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    PersonId,
    FamilyId,
    FirstName,
    LastName,
    Street,
    City,
    State,
    PostalCode,
    Age,
    Gender,
    Married,
    HeadOfFamily,
    Income,
    HomeOwner,
    Adults,
    Children,
    Members,
    HasChildren,
    HomeValue,
}

/// An attribute's value for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Datum {
    Text(String),
    Known(&'static str),
    Number(i64),
    Flag(bool),
    Missing,
}

impl Attribute {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "person_id" => Self::PersonId,
            "family_id" => Self::FamilyId,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "street" => Self::Street,
            "city" => Self::City,
            "state" => Self::State,
            "postal_code" | "zip" => Self::PostalCode,
            "age" => Self::Age,
            "gender" => Self::Gender,
            "estimated_married" => Self::Married,
            "estimated_head_of_family" => Self::HeadOfFamily,
            "family.estimated_income" => Self::Income,
            "family.home_owner" | "family.estimated_home_owner" => Self::HomeOwner,
            "family.adult_count" => Self::Adults,
            "family.child_count" | "family.children_count" => Self::Children,
            "family.member_count" => Self::Members,
            "family.has_children" | "family.children_present" => Self::HasChildren,
            "real_estate.estimated_home_value" => Self::HomeValue,
            _ => return None,
        })
    }

    pub(super) fn of(self, person: &Person) -> Datum {
        let number = |value: Option<i64>| value.map_or(Datum::Missing, Datum::Number);
        match self {
            Self::PersonId => Datum::Text(person.person_id()),
            Self::FamilyId => Datum::Text(person.family_id()),
            Self::FirstName => Datum::Known(person.first_name()),
            Self::LastName => Datum::Known(person.last_name()),
            Self::Street => Datum::Text(person.street()),
            Self::City => Datum::Known(person.city()),
            Self::State => Datum::Known(person.state()),
            Self::PostalCode => Datum::Text(format!("{:05}", person.zip())),
            Self::Age => Datum::Number(person.age()),
            Self::Gender => Datum::Known(person.gender()),
            Self::Married => Datum::Flag(person.married()),
            Self::HeadOfFamily => Datum::Flag(person.is_head()),
            Self::Income => number(person.income()),
            Self::HomeOwner => Datum::Flag(person.home_owner()),
            Self::Adults => Datum::Number(person.adults()),
            Self::Children => Datum::Number(person.children()),
            Self::Members => Datum::Number(person.adults() + person.children()),
            Self::HasChildren => Datum::Flag(person.children() > 0),
            Self::HomeValue => number(person.home_value()),
        }
    }

    /// A value as this attribute compares it; the error says what it should have been.
    fn operand(self, value: &Value) -> Result<Datum, String> {
        let sample = self.of(&Person::new(0));
        let wrong = |what: &str| format!("The value {value} should be {what}.");
        match (self, sample) {
            (Self::Gender, _) => match value.as_str().map(str::to_ascii_lowercase).as_deref() {
                Some("f" | "female") => Ok(Datum::Known("F")),
                Some("m" | "male") => Ok(Datum::Known("M")),
                _ => Err(wrong("\"F\" or \"M\"")),
            },
            (_, Datum::Flag(_)) => value.as_bool().map(Datum::Flag).ok_or_else(|| wrong("true or false")),
            (_, Datum::Text(_) | Datum::Known(_)) => match value.as_str() {
                Some(text) => Ok(Datum::Text(text.to_lowercase())),
                None => Err(wrong("a string")),
            },
            (_, Datum::Number(_) | Datum::Missing) => {
                value.as_i64().map(Datum::Number).ok_or_else(|| wrong("a whole number"))
            }
        }
    }
}

/// Text compares without regard to case; operands are in lower case already.
fn same(found: &Datum, operand: &Datum) -> bool {
    match (found, operand) {
        (Datum::Text(found), Datum::Text(wanted)) => found.to_lowercase() == *wanted,
        (Datum::Known(found), Datum::Text(wanted)) => {
            found.eq_ignore_ascii_case(wanted) || found.to_lowercase() == *wanted
        }
        (found, wanted) => found == wanted,
    }
}

#[derive(Debug)]
enum Test {
    AnyOf(Vec<Datum>),
    Contains(String),
    /// Both bounds included.
    Between(Option<i64>, Option<i64>),
    Present,
}

#[derive(Debug)]
enum Node {
    Everyone,
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Leaf(Attribute, Test),
    Zips(HashSet<u32>),
}

#[derive(Debug)]
pub(super) struct Filter {
    root: Node,
}

impl Filter {
    /// Reads a filter; the error is a sentence. No filter at all matches everyone.
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
        let root = if value.is_null() { Node::Everyone } else { node(value, 0)? };
        Ok(Self { root })
    }

    /// True when the person of this index matches.
    pub(super) fn holds(&self, index: u32) -> bool {
        self.root.holds(&Person::new(index))
    }
}

impl Node {
    fn holds(&self, person: &Person) -> bool {
        match self {
            Self::Everyone => true,
            Self::All(nodes) => nodes.iter().all(|node| node.holds(person)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(person)),
            Self::Not(node) => !node.holds(person),
            Self::Zips(zips) => zips.contains(&person.zip()),
            Self::Leaf(attribute, test) => test.holds(&attribute.of(person)),
        }
    }
}

impl Test {
    fn holds(&self, found: &Datum) -> bool {
        match (self, found) {
            (Self::Present, found) => *found != Datum::Missing,
            (Self::AnyOf(wanted), found) => wanted.iter().any(|wanted| same(found, wanted)),
            (Self::Contains(piece), Datum::Text(text)) => text.to_lowercase().contains(piece),
            (Self::Contains(piece), Datum::Known(text)) => text.to_lowercase().contains(piece),
            (Self::Between(low, high), Datum::Number(number)) => {
                low.is_none_or(|low| *number >= low) && high.is_none_or(|high| *number <= high)
            }
            _ => false,
        }
    }
}

fn node(value: &Value, depth: usize) -> Result<Node, String> {
    let object = value.as_object().ok_or("A filter is an object.")?;
    if depth > MAX_DEPTH {
        return Err("The filter is nested too deeply.".to_owned());
    }
    let inner = match (object.get("connective"), object.get("relation")) {
        (Some(connective), None) => group(connective, object.get("propositions"), depth)?,
        (None, Some(relation)) => leaf(relation.as_str().unwrap_or_default(), value)?,
        _ => return Err("A filter has either a relation or a connective.".to_owned()),
    };
    match object.get("negated") {
        None | Some(Value::Bool(false)) => Ok(inner),
        Some(Value::Bool(true)) => Ok(Node::Not(Box::new(inner))),
        Some(other) => Err(format!("negated should be true or false, not {other}.")),
    }
}

fn group(connective: &Value, propositions: Option<&Value>, depth: usize) -> Result<Node, String> {
    let propositions = propositions.and_then(Value::as_array).ok_or("A connective needs propositions.")?;
    let nodes = propositions.iter().map(|value| node(value, depth + 1)).collect::<Result<Vec<_>, _>>()?;
    match connective.as_str() {
        Some("and") => Ok(Node::All(nodes)),
        Some("or") => Ok(Node::Any(nodes)),
        _ => Err(format!("Unknown connective {connective}: use \"and\" or \"or\".")),
    }
}

fn leaf(relation: &str, leaf: &Value) -> Result<Node, String> {
    let value = &leaf["value"];
    if relation == "geo_distance" {
        return near(value).map(Node::Zips);
    }
    let name = leaf["attribute"].as_str().ok_or("A relation needs an attribute.")?;
    let attribute = Attribute::parse(name).ok_or_else(|| format!("Unknown attribute: {name}"))?;
    let test = match relation {
        "equals" => Test::AnyOf(vec![attribute.operand(value)?]),
        "in" => {
            Test::AnyOf(list(value)?.iter().map(|value| attribute.operand(value)).collect::<Result<_, _>>()?)
        }
        "matches" => Test::Contains(value.as_str().ok_or("matches needs a string.")?.to_lowercase()),
        "between" => between(attribute, value)?,
        "range" => Test::Between(bound(attribute, &value["min"])?, bound(attribute, &value["max"])?),
        "greater_than" => Test::Between(whole(attribute, value)?.checked_add(1), None),
        "less_than" => Test::Between(None, whole(attribute, value)?.checked_sub(1)),
        "present" => Test::Present,
        "missing" => return Ok(Node::Not(Box::new(Node::Leaf(attribute, Test::Present)))),
        other => return Err(format!("Unknown relation: {other}")),
    };
    Ok(Node::Leaf(attribute, test))
}

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("The value {value} should be a list."))
}

fn between(attribute: Attribute, value: &Value) -> Result<Test, String> {
    match list(value)?.as_slice() {
        [low, high] => Ok(Test::Between(bound(attribute, low)?, bound(attribute, high)?)),
        _ => Err("between needs a list of two bounds.".to_owned()),
    }
}

/// A bound that may be absent: null on one side leaves it open.
fn bound(attribute: Attribute, value: &Value) -> Result<Option<i64>, String> {
    if value.is_null() {
        return Ok(None);
    }
    whole(attribute, value).map(Some)
}

fn whole(attribute: Attribute, value: &Value) -> Result<i64, String> {
    match attribute.operand(value)? {
        Datum::Number(number) => Ok(number),
        _ => Err(format!("{attribute:?} has no order: use equals or in.")),
    }
}

fn near(value: &Value) -> Result<HashSet<u32>, String> {
    let distance = match &value["distance"] {
        Value::String(text) => geography::miles(text),
        Value::Number(number) => geography::miles(&number.to_string()),
        _ => None,
    };
    let miles = distance.ok_or("geo_distance needs a distance such as \"10mi\".")?;
    if let (Some(latitude), Some(longitude)) = (value["lat"].as_f64(), value["lon"].as_f64()) {
        return Ok(geography::zips_near(Point { latitude, longitude }, miles));
    }
    let given = ["postal_codes", "postal_code", "zip"].iter().find_map(|name| value.get(name));
    let codes = match given {
        Some(Value::Array(codes)) => codes.iter().collect(),
        Some(code @ Value::String(_)) => vec![code],
        _ => return Err("geo_distance needs lat and lon, or postal_codes.".to_owned()),
    };
    let mut zips = HashSet::new();
    for code in codes {
        let text = code.as_str().filter(|text| text.len() == 5).unwrap_or_default();
        let zip: u32 = text.parse().map_err(|_| format!("{code} is not a postal code."))?;
        // a code where nobody of ours lives is a place all the same: it has no neighbours here
        if let Some(middle) = geography::middle_of(zip) {
            zips.extend(geography::zips_near(middle, miles));
        }
    }
    Ok(zips)
}
