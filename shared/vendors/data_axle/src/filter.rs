//! Data Axle's filter language (platform.data-axle.com/people/docs/filter_dsl).
//!
//! Attribute names are `&'static str`: they come from the caller's code, never from a user. Must not know: which
//! attributes an account may use.

use serde::Serialize;

/// A condition on people; conditions nest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Filter(Node);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Node {
    Group { connective: Connective, propositions: Vec<Filter> },
    Leaf(Leaf),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Connective {
    And,
    Or,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Leaf {
    relation: Relation,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Operand>,
    #[serde(skip_serializing_if = "is_false")]
    negated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Relation {
    Equals,
    In,
    Between,
    GreaterThan,
    LessThan,
    Present,
    Missing,
    GeoDistance,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Operand {
    One(Value),
    Many(Vec<Value>),
    Around { postal_codes: Vec<String>, distance: String },
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Compared exactly.
    Text(String),
    Number(i64),
    Flag(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl Filter {
    pub fn all(filters: Vec<Self>) -> Self {
        Self(Node::Group { connective: Connective::And, propositions: filters })
    }

    pub fn any(filters: Vec<Self>) -> Self {
        Self(Node::Group { connective: Connective::Or, propositions: filters })
    }

    pub fn equals(attribute: &'static str, value: impl Into<Value>) -> Self {
        Self::leaf(Relation::Equals, attribute, Some(Operand::One(value.into())))
    }

    pub fn one_of<V: Into<Value>>(attribute: &'static str, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self::leaf(Relation::In, attribute, Some(Operand::Many(values)))
    }

    /// Both bounds included. Sent as `[low, high]`, as other clients do.
    pub fn between(attribute: &'static str, low: i64, high: i64) -> Self {
        let bounds = vec![Value::Number(low), Value::Number(high)];
        Self::leaf(Relation::Between, attribute, Some(Operand::Many(bounds)))
    }

    pub fn greater_than(attribute: &'static str, bound: i64) -> Self {
        Self::leaf(Relation::GreaterThan, attribute, Some(Operand::One(Value::Number(bound))))
    }

    pub fn less_than(attribute: &'static str, bound: i64) -> Self {
        Self::leaf(Relation::LessThan, attribute, Some(Operand::One(Value::Number(bound))))
    }

    /// The attribute has a value.
    pub fn present(attribute: &'static str) -> Self {
        Self::leaf(Relation::Present, attribute, None)
    }

    /// The attribute has no value.
    pub fn missing(attribute: &'static str) -> Self {
        Self::leaf(Relation::Missing, attribute, None)
    }

    pub fn within_miles_of_postal_code(postal_code: &str, miles: u32) -> Self {
        let around =
            Operand::Around { postal_codes: vec![postal_code.to_owned()], distance: format!("{miles}mi") };
        Self(Node::Leaf(Leaf {
            relation: Relation::GeoDistance,
            attribute: None,
            value: Some(around),
            negated: false,
        }))
    }

    /// The opposite. A group cannot be `negated` in a request: its members are negated and `and` and `or` exchanged
    /// (De Morgan).
    #[must_use]
    pub fn negated(self) -> Self {
        match self.0 {
            Node::Leaf(leaf) => Self(Node::Leaf(Leaf { negated: !leaf.negated, ..leaf })),
            Node::Group { connective, propositions } => {
                let connective = match connective {
                    Connective::And => Connective::Or,
                    Connective::Or => Connective::And,
                };
                let propositions = propositions.into_iter().map(Self::negated).collect();
                Self(Node::Group { connective, propositions })
            }
        }
    }

    fn leaf(relation: Relation, attribute: &'static str, value: Option<Operand>) -> Self {
        Self(Node::Leaf(Leaf { relation, attribute: Some(attribute), value, negated: false }))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(filter: &Filter, wire: &str) {
        let wire: serde_json::Value = serde_json::from_str(wire).unwrap();
        assert_eq!(serde_json::to_value(filter).unwrap(), wire);
    }

    #[test]
    fn the_documented_example_is_written() {
        let filter = Filter::all(vec![
            Filter::equals("state", "FL"),
            Filter::one_of("postal_code", ["33602", "33606"]),
            Filter::equals("family.home_owner", true),
        ]);
        check(
            &filter,
            r#"{"connective":"and","propositions":[
                {"relation":"equals","attribute":"state","value":"FL"},
                {"relation":"in","attribute":"postal_code","value":["33602","33606"]},
                {"relation":"equals","attribute":"family.home_owner","value":true}]}"#,
        );
    }

    #[test]
    fn every_relation_has_its_word() {
        check(&Filter::between("age", 25, 65), r#"{"relation":"between","attribute":"age","value":[25,65]}"#);
        check(
            &Filter::greater_than("age", 64),
            r#"{"relation":"greater_than","attribute":"age","value":64}"#,
        );
        check(&Filter::less_than("age", 26), r#"{"relation":"less_than","attribute":"age","value":26}"#);
        check(&Filter::present("street"), r#"{"relation":"present","attribute":"street"}"#);
        check(&Filter::missing("street"), r#"{"relation":"missing","attribute":"street"}"#);
        check(
            &Filter::within_miles_of_postal_code("33602", 10),
            r#"{"relation":"geo_distance","value":{"postal_codes":["33602"],"distance":"10mi"}}"#,
        );
    }

    #[test]
    fn the_opposite_of_a_group_is_made_of_opposites() {
        let filter = Filter::any(vec![Filter::equals("state", "FL"), Filter::present("street").negated()]);
        check(
            &filter.clone().negated(),
            r#"{"connective":"and","propositions":[
                {"relation":"equals","attribute":"state","value":"FL","negated":true},
                {"relation":"present","attribute":"street"}]}"#,
        );
        assert_eq!(filter.clone().negated().negated(), filter);
    }
}
