//! How functions start: with exactly the variables that `required_variables.json` lists, and not without one of them.
//! `tests/template` says that `template.yaml` gives each function these.

use platform::{Environment, StartFailure, config::name, log};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use suite::functions::{Functions, set_vendor_secrets, with_vendors};
use support::World;

type Required = BTreeMap<String, Vec<String>>;

fn required() -> Required {
    serde_json::from_str(include_str!("../required_variables.json")).expect("names by function")
}

fn everything() -> Environment {
    with_vendors(World::environment(), "http://127.0.0.1:9").with(name::COGNITO_URL, "http://127.0.0.1:9")
}

/// The variables of these names alone.
fn only(names: &[String]) -> Environment {
    let all = everything();
    Environment::of(
        names.iter().map(|name| (name.as_str(), all.text(name).expect("a variable of this world"))),
    )
}

fn world() -> World {
    let world = World::new();
    set_vendor_secrets(&world.secrets, &[]);
    world
}

#[tokio::test]
async fn every_function_starts_with_what_it_requires_and_stops_without_any_of_it() {
    let services = world().services();
    for (function, names) in required() {
        let environment = only(&names);
        let started = Functions::start(&function, &services, &environment).await;
        assert!(started.is_ok(), "{function}: {started:?}");
        for name in &names {
            let failure = Functions::start(&function, &services, &environment.clone().with(name, "")).await;
            let failure = log::chain(&failure.expect_err("it must not start"));
            assert!(failure.contains(&format!("{name} is not set")), "{function}: {failure}");
        }
    }
}

#[test]
fn every_function_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
    let folders = folder.read_dir().expect("functions").map(|entry| entry.expect("an entry").file_name());
    let mut folders: Vec<String> = folders.map(|name| name.to_string_lossy().into_owned()).collect();
    folders.sort();
    assert_eq!(folders, required().into_keys().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_function_stops_without_its_vendors_keys_and_with_a_key_of_the_other_mode() {
    let world = World::new();
    let (services, environment) = (world.services(), everything());
    for function in ["purchase-credits", "audience-count", "print-batch"] {
        let failure = Functions::start(function, &services, &environment).await;
        assert!(matches!(failure, Err(StartFailure::Secret(_))), "{function}: {failure:?}");
    }
    for (key, livemode) in [("sk_live_1", "false"), ("sk_test_1", "true")] {
        world.secrets.set("stripe", json!({"secretKey": key, "webhookSecrets": []}));
        let environment = environment.clone().with(name::LIVEMODE, livemode);
        let failure = Functions::start("purchase-credits", &services, &environment).await;
        let failure = log::chain(&failure.expect_err("it must not start"));
        assert!(failure.contains("the other mode"), "{failure}");
    }
}
