use super::*;
use serde_json::{Value, json};

fn filters(wire: Value) -> Result<Filters, String> {
    Filters::parse(wire).map_err(|refused| refused.to_string())
}

/// The vendor's propositions besides the mailing address.
fn vendor(wire: Value) -> Value {
    let filter = serde_json::to_value(filters(wire).unwrap().to_vendor()).unwrap();
    assert_eq!(filter["connective"], "and");
    assert_eq!(filter["propositions"][0], json!({"relation": "present", "attribute": "street"}));
    Value::Array(filter["propositions"].as_array().unwrap()[1..].to_vec())
}

#[test]
fn each_filter_becomes_its_own_proposition() {
    let leaf = |relation, attribute: &str, value: Value| {
        let proposition = json!({"relation": relation, "attribute": attribute, "value": value});
        json!([proposition])
    };
    let table = [
        (json!({}), json!([])),
        (json!({"states": ["tx", "FL", "TX"]}), leaf("in", "state", json!(["FL", "TX"]))),
        (json!({"cities": [" St. Mary's ", "Tampa"]}), leaf("in", "city", json!(["St. Mary's", "Tampa"]))),
        (json!({"zips": ["33606", "02108"]}), leaf("in", "postal_code", json!(["02108", "33606"]))),
        (
            json!({"radius": {"zip": "33602", "miles": 10}}),
            json!([{"relation": "geo_distance", "value": {"postal_codes": ["33602"], "distance": "10mi"}}]),
        ),
        (json!({"age": {"min": 35, "max": 55}}), leaf("between", "age", json!([35, 55]))),
        (
            json!({"householdIncome": {"min": 75_000}}),
            leaf("greater_than", "family.estimated_income", json!(74_999)),
        ),
        (
            json!({"homeValue": {"max": 300_000}}),
            leaf("less_than", "real_estate.estimated_home_value", json!(300_001)),
        ),
        (json!({"age": {"min": 0}}), leaf("greater_than", "age", json!(-1))),
        (json!({"homeowner": true}), leaf("equals", "family.home_owner", json!(true))),
        (json!({"gender": "female"}), leaf("equals", "gender", json!("F"))),
        (json!({"gender": "male"}), leaf("equals", "gender", json!("M"))),
        (json!({"married": false}), leaf("equals", "estimated_married", json!(false))),
        (json!({"children": true}), leaf("equals", "family.has_children", json!(true))),
    ];
    for (wire, expected) in table {
        assert_eq!(vendor(wire.clone()), expected, "{wire}");
    }
}

#[test]
fn every_filter_that_is_given_must_hold() {
    assert_eq!(
        vendor(json!({"states": ["FL"], "homeowner": true})),
        json!([
            {"relation": "in", "attribute": "state", "value": ["FL"]},
            {"relation": "equals", "attribute": "family.home_owner", "value": true},
        ])
    );
}

#[test]
fn what_is_not_on_the_list_is_refused() {
    let table = [
        json!([["FL"]]),
        json!(null),
        json!({"ageRange": {"min": 1}}),
        json!({"filter": {"relation": "equals"}}),
        json!({"states": "FL"}),
        json!({"states": ["Florida"]}),
        json!({"states": ["F1"]}),
        json!({"states": []}),
        json!({"cities": [""]}),
        json!({"cities": ["Tampa\n"], "zips": ["1"]}),
        json!({"cities": ["x\",\"attribute\":\"y"]}),
        json!({"zips": ["3360"]}),
        json!({"zips": ["33602-1234"]}),
        json!({"zips": [33602]}),
        json!({"radius": {"zip": "33602"}}),
        json!({"radius": {"zip": "33602", "miles": 0}}),
        json!({"radius": {"zip": "33602", "miles": 101}}),
        json!({"radius": {"zip": "abcde", "miles": 5}}),
        json!({"radius": {"zip": "33602", "miles": 5, "lat": 1}}),
        json!({"age": {}}),
        json!({"age": {"min": 50, "max": 40}}),
        json!({"age": {"max": 121}}),
        json!({"age": {"min": -1}}),
        json!({"age": {"min": 30.5}}),
        json!({"homeValue": {"min": 100_000_001}}),
        json!({"homeowner": "yes"}),
        json!({"gender": "F"}),
    ];
    for wire in table {
        assert!(filters(wire.clone()).is_err(), "{wire}");
    }
}

#[test]
fn lists_hold_at_500_values_and_break_at_501() {
    let zips = |count: u32| json!({"zips": (0..count).map(|zip| format!("{zip:05}")).collect::<Vec<_>>()});
    assert!(filters(zips(500)).is_ok());
    assert_eq!(filters(zips(501)), Err("zips takes 1 to 500 values".to_owned()));
}

#[test]
fn filters_that_mean_the_same_are_equal() {
    let one = filters(json!({"zips": ["33606", "33602"], "states": ["fl"]})).unwrap();
    let other = filters(json!({"states": ["FL", "FL"], "zips": ["33602", "33606", "33602"]})).unwrap();
    assert_eq!(one, other);
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
    assert_ne!(one, filters(json!({"states": ["FL"]})).unwrap());
}
