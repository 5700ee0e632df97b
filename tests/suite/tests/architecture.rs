//! The shape of the project, held by machine: which crate may know which, and how large a room may grow.

use cargo_metadata::{DependencyKind, MetadataCommand};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What each crate of the product may depend on, beside the registry's. Functions may use all of `shared`.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("terms", &[]),
    ("money", &[]),
    ("tables", &["terms"]),
    ("pricing", &["terms", "money"]),
    ("ledger", &["terms", "money", "tables"]),
    ("platform", &["terms", "vendor-http"]),
    ("vendor-http", &[]),
    ("stripe-client", &["vendor-http"]),
    ("data-axle-client", &["vendor-http"]),
    ("postgrid-client", &["vendor-http"]),
    ("alerts", &["terms", "money", "tables"]),
    ("billing", &["terms", "money", "tables", "pricing", "ledger", "alerts", "platform", "stripe-client"]),
    ("audience", &["terms", "money", "tables", "pricing", "ledger", "platform", "data-axle-client"]),
    ("printing", &["terms", "money", "tables", "pricing", "ledger", "platform", "postgrid-client"]),
    ("costs", &["terms", "money", "tables", "ledger", "platform"]),
];

/// Files of code may not outgrow this many lines; tests may.
const FILE_LINES_MAX: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace's folder")
}

/// The workspace's crates and which other ones of it each needs at run time.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = root().join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata");
    let names: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    metadata
        .packages
        .iter()
        .map(|package| {
            let needed = package.dependencies.iter().filter(|needed| needed.kind == DependencyKind::Normal);
            let ours = needed.map(|needed| needed.name.clone()).filter(|name| names.contains(name));
            (package.name.to_string(), ours.collect())
        })
        .collect()
}

#[test]
fn crates_point_one_way_only() {
    let edges = edges();
    for (name, allowed) in ALLOWED {
        let allowed: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let found = edges.get(name).unwrap_or_else(|| panic!("there is no crate {name}"));
        let extra: Vec<&String> = found.difference(&allowed).collect();
        assert!(extra.is_empty(), "{name} must not know {extra:?}");
    }
}

#[test]
fn functions_know_shared_crates_only_and_no_other_function() {
    let shared: BTreeSet<String> = ALLOWED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let functions: Vec<String> = fs::read_dir(root().join("functions"))
        .expect("functions")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let edges = edges();
    assert!(functions.len() >= 27, "every function is a crate of the workspace");
    for function in functions {
        let found = edges.get(&function).unwrap_or_else(|| panic!("{function} is not in the workspace"));
        let extra: Vec<&String> = found.difference(&shared).collect();
        assert!(extra.is_empty(), "{function} must not know {extra:?}");
    }
}

#[test]
fn only_the_billing_flow_and_its_functions_wait_for_stripe() {
    let edges = edges();
    let waits = |name: &str| -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(next) = open.pop() {
            if next == "stripe-client" {
                return true;
            }
            for needed in edges.get(&next).into_iter().flatten() {
                if seen.insert(needed.clone()) {
                    open.push(needed.clone());
                }
            }
        }
        false
    };
    for name in [
        "ledger",
        "alerts",
        "audience",
        "printing",
        "costs",
        "print-batch",
        "contact-fetcher",
        "vendor-costs",
        "credits",
    ] {
        assert!(!waits(name), "{name} must not wait for Stripe's types to compile");
    }
    assert!(waits("stripe-webhook"), "the check itself sees the edge");
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !matches!(
                path.file_name().and_then(|name| name.to_str()),
                Some("target" | "tests" | "fixtures")
            ) {
                source_files(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn rooms_are_small() {
    let mut files = Vec::new();
    for folder in ["functions", "shared", "tests/sandbox", "tests/support"] {
        source_files(&root().join(folder), &mut files);
    }
    assert!(files.len() > 100, "the walk finds the project's files");
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        let code = text.split("#[cfg(test)]").next().unwrap_or(&text).lines().count();
        let name = file.strip_prefix(root()).expect("inside").display().to_string();
        let bound = match file.file_name().and_then(|name| name.to_str()) {
            _ if name.ends_with("tests.rs") => continue,
            Some("main.rs") if name.starts_with("functions") => 40,
            Some("handler.rs") => 110,
            _ => FILE_LINES_MAX,
        };
        assert!(code <= bound, "{name} has {code} lines of code, more than {bound}: split it");
        assert!(text.trim_start().starts_with("//!"), "{name} says what it owns in its first lines");
    }
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let mut files = Vec::new();
    for folder in ["functions", "shared", "tests"] {
        every_file(&root().join(folder), &mut files);
    }
    let sources: String = files.iter().map(|file| fs::read_to_string(file).unwrap_or_default()).collect();
    let invariants: Vec<&str> = text.lines().filter(|line| line.contains("Invariant:")).collect();
    assert!(invariants.len() >= 12, "ARCHITECTURE.md states at least twelve invariants");
    for line in invariants {
        let name = line.rsplit('`').nth(1).unwrap_or_else(|| panic!("no test is named: {line}"));
        let defined = [format!("fn {name}("), format!("def {name}(")];
        assert!(defined.iter().any(|text| sources.contains(text)), "there is no test {name}");
    }
}

/// Rust and Python sources, tests included.
fn every_file(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            every_file(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
            found.push(path);
        }
    }
}
