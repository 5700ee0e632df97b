//! Data Axle: filters, ceilings, scans.

use std::collections::HashSet;

use sandbox::data_axle::{DataAxle, LIVE_TOKEN, POPULATION, TEST_TOKEN};
use sandbox::{Request, Response};
use serde_json::{Value, json};

use crate::NOW_MS;

fn ask(vendor: &mut DataAxle, now_ms: u64, target: &str, body: &Value) -> Response {
    let method = if body.is_null() { "GET" } else { "POST" };
    let request = Request::new(method, target).with_header("x-auth-token", LIVE_TOKEN);
    let request = if body.is_null() { request } else { request.with_body(body.to_string()) };
    vendor.handle(now_ms, &request)
}

fn search(vendor: &mut DataAxle, body: &Value) -> Value {
    let response = ask(vendor, NOW_MS, "/v1/people/search", body);
    assert_eq!(response.status, 200, "{}", response.value());
    response.value()
}

fn count(vendor: &mut DataAxle, filter: &Value) -> u64 {
    search(vendor, &json!({"filter": filter, "limit": 0}))["count"].as_u64().expect("a count")
}

fn leaf(relation: &str, attribute: &str, value: Value) -> Value {
    json!({"relation": relation, "attribute": attribute, "value": value})
}

fn all(propositions: Value) -> Value {
    json!({"connective": "and", "propositions": propositions})
}

#[test]
fn the_population_is_large_enough_and_always_the_same() {
    let mut vendor = DataAxle::new(1);
    const { assert!(POPULATION >= 120_000) };
    let mut in_state = |state: &str| count(&mut vendor, &leaf("equals", "state", json!(state)));
    let (california, florida, texas) = (in_state("CA"), in_state("FL"), in_state("TX"));
    assert!(california >= 60_000 && florida >= 15_000 && texas >= 8_000, "{california} {florida} {texas}");
    assert!(u64::from(POPULATION) > california + florida + texas);
    let first = search(&mut vendor, &json!({"filter": leaf("equals", "state", json!("FL")), "limit": 400}));
    let again = search(
        &mut DataAxle::new(99),
        &json!({"filter": leaf("equals", "state", json!("FL")), "limit": 400}),
    );
    assert_eq!(first, again);
}

#[test]
fn what_a_filter_finds_is_what_it_asked_for() {
    let mut vendor = DataAxle::new(1);
    let filter = all(json!([
        leaf("in", "state", json!(["FL", "TX"])),
        leaf("between", "age", json!([30, 60])),
        leaf("greater_than", "family.estimated_income", json!(75_000)),
        leaf("equals", "family.home_owner", json!(true)),
        leaf("less_than", "real_estate.estimated_home_value", json!(600_000)),
        leaf("equals", "estimated_married", json!(true)),
        leaf("equals", "gender", json!("female")),
        leaf("greater_than", "family.child_count", json!(0)),
    ]));
    let found = search(&mut vendor, &json!({"filter": filter, "limit": 400}));
    let people = found["documents"].as_array().expect("documents");
    assert!(people.len() > 20, "only {} people", people.len());
    for person in people {
        let (age, family) = (person["age"].as_i64().expect("an age"), &person["family"]);
        assert!(["FL", "TX"].contains(&person["state"].as_str().expect("a state")), "{person}");
        assert!((30..=60).contains(&age) && family["estimated_income"].as_i64() > Some(75_000), "{person}");
        assert!(person["real_estate"]["estimated_home_value"].as_i64() < Some(600_000), "{person}");
        assert!(family["child_count"].as_i64() > Some(0) && person["gender"] == "F", "{person}");
    }
}

#[test]
fn negation_or_and_missing_split_everyone_in_two() {
    let mut vendor = DataAxle::new(1);
    let everyone = count(&mut vendor, &Value::Null);
    assert_eq!(everyone, u64::from(POPULATION));
    let owners = leaf("equals", "family.home_owner", json!(true));
    let mut others = owners.clone();
    others["negated"] = json!(true);
    assert_eq!(count(&mut vendor, &owners) + count(&mut vendor, &others), everyone);
    let either = json!({"connective": "or", "propositions": [owners, others]});
    assert_eq!(count(&mut vendor, &either), everyone);
    let income = |relation: &str| json!({"relation": relation, "attribute": "family.estimated_income"});
    let (present, missing) = (count(&mut vendor, &income("present")), count(&mut vendor, &income("missing")));
    assert!(missing > 0 && present + missing == everyone, "{present} {missing}");
}

#[test]
fn a_radius_holds_the_neighbouring_postal_codes() {
    let mut vendor = DataAxle::new(1);
    let mut within = |distance: &str| {
        let value = json!({"postal_codes": ["33602"], "distance": distance});
        count(&mut vendor, &json!({"relation": "geo_distance", "value": value}))
    };
    let (near, far, country) = (within("1mi"), within("10mi"), within("4000mi"));
    assert!(near > 0 && near < far && far < country, "{near} {far} {country}");
    assert_eq!(country, u64::from(POPULATION));
    let alone = count(&mut vendor, &leaf("equals", "postal_code", json!("33602")));
    assert_eq!(near, alone);
    let nowhere =
        json!({"relation": "geo_distance", "value": {"postal_codes": ["99999"], "distance": "5mi"}});
    assert_eq!(count(&mut vendor, &nowhere), 0);
}

#[test]
fn bad_requests_are_refused() {
    let mut vendor = DataAxle::new(1);
    let mut status = |body: Value| ask(&mut vendor, NOW_MS, "/v1/people/search", &body).status;
    assert_eq!(status(json!({"limit": 400})), 200);
    assert_eq!(status(json!({"limit": 401})), 400);
    assert_eq!(status(json!({"offset": 4_000})), 200);
    assert_eq!(status(json!({"offset": 4_001})), 400);
    assert_eq!(status(json!({"filter": leaf("equals", "homeowner", json!(true))})), 400);
    assert_eq!(status(json!({"filter": leaf("resembles", "state", json!("FL"))})), 400);
    assert_eq!(status(json!({"filter": leaf("between", "state", json!(["A", "B"]))})), 400);
    assert_eq!(status(json!({"filter": leaf("equals", "age", json!("forty"))})), 400);
    assert_eq!(status(json!({"packages": ["everything"]})), 400);
    let nobody = Request::new("POST", "/v1/people/search");
    assert_eq!(vendor.handle(NOW_MS, &nobody).status, 401);
    assert_eq!(vendor.handle(NOW_MS, &nobody.with_header("x-auth-token", "other")).status, 401);
}

#[test]
fn a_scan_delivers_everyone_once_in_pages_of_200() {
    let mut vendor = DataAxle::new(1);
    let filter = leaf("equals", "city", json!("Seattle"));
    let started = ask(&mut vendor, NOW_MS, "/v1/people/scan", &json!({"filter": filter})).value();
    let (expected, id) =
        (started["count"].as_u64().expect("a count"), started["scroll_id"].as_str().expect("an id"));
    let target = format!("/v1/people/scan/{id}?packages=core_v1,direct_mail_v1");
    let mut seen = HashSet::new();
    loop {
        let page = ask(&mut vendor, NOW_MS, &target, &Value::Null).value();
        let page = page.as_array().expect("an array");
        assert!(page.len() <= 200);
        if page.is_empty() {
            break;
        }
        for person in page {
            assert!(seen.insert(person["person_id"].to_string()), "delivered twice: {person}");
        }
    }
    assert_eq!(u64::try_from(seen.len()), Ok(expected));
    let counters = vendor.counters(true);
    assert_eq!(counters["contactsDelivered"], expected);
    assert_eq!(counters["scansStarted"], 1);
    assert_eq!(vendor.counters(false)["contactsDelivered"], 0);
}

#[test]
fn a_scan_dies_after_sixty_idle_seconds() {
    let mut vendor = DataAxle::new(1);
    let started = ask(&mut vendor, NOW_MS, "/v1/people/scan", &json!({})).value();
    let target = format!("/v1/people/scan/{}", started["scroll_id"].as_str().expect("an id"));
    let mut status = |now_ms: u64| ask(&mut vendor, now_ms, &target, &Value::Null).status;
    assert_eq!(status(NOW_MS + 60_000), 200);
    assert_eq!(status(NOW_MS + 120_000), 200);
    assert_eq!(status(NOW_MS + 180_001), 404);
    assert_eq!(status(NOW_MS + 120_002), 200, "it is the idle time that counts");
    let other = Request::new("GET", &target).with_header("x-auth-token", TEST_TOKEN);
    assert_eq!(vendor.handle(NOW_MS + 120_003, &other).status, 404);
}
