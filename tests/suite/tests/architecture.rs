//! The shape of the project, held by machine: which crate may know which, and how large a room may grow.

use cargo_metadata::{DependencyKind, MetadataCommand};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What each crate of the product may depend on, beside the registry's. Functions may use all of `shared`.
const ALLOWED: &[(&str, &[&str])] = &[
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
    ("holds", &["terms", "money", "tables", "ledger"]),
    ("refusals", &["holds", "ledger", "pricing", "platform"]),
    ("recipients", &["terms", "tables", "platform"]),
    (
        "audience",
        &[
            "terms",
            "money",
            "tables",
            "pricing",
            "ledger",
            "holds",
            "platform",
            "recipients",
            "data-axle-client",
        ],
    ),
    (
        "printing",
        &[
            "terms",
            "money",
            "tables",
            "pricing",
            "ledger",
            "holds",
            "platform",
            "recipients",
            "postgrid-client",
        ],
    ),
    ("costs", &["terms", "money", "tables", "ledger", "platform"]),
];

/// Billing's rooms, lowest first: a room knows what stands before it in this list, nothing behind it. A file that stands
/// lower than its room is named by itself: records and what is pure, which other rooms work with.
const BILLING: &[&str] = &[
    "limits",
    "error",
    "finance_alarms",
    "review::reason",
    "facts::metadata",
    "facts::object_id",
    "facts::source",
    "facts::outcome",
    "facts::read",
    "facts::amounts",
    "fraud_warnings::state",
    "fraud_warnings::standing",
    "reversals::refund_state",
    "reversals::dispute_state",
    "reversals::reversal",
    "reversals::appeal",
    "reversals::state",
    "reversals::lots",
    "subscriptions::plan",
    "wiring",
    "refund_requests::request",
    "refund_requests::hold",
    "orders::order",
    "subscriptions::grant",
    "review::queue",
    "review::decision",
    "views",
    "customers",
    "orders",
    "subscriptions",
    "top_up",
    "adjustments",
    "imports",
    "payments",
    "fraud_warnings",
    "reversals",
    "refund_requests",
    "review",
    "facts",
    "recovery",
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
        let found = edges.get(*name).unwrap_or_else(|| panic!("there is no crate {name}"));
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
            Some("handler.rs") => 80,
            _ => FILE_LINES_MAX,
        };
        assert!(code <= bound, "{name} has {code} lines of code, more than {bound}: split it");
        assert!(text.trim_start().starts_with("//!"), "{name} says what it owns in its first lines");
    }
}

/// Where each public item has a doc comment. Elsewhere, and on fields, variants and methods, a clear name is enough.
const DOCUMENTED: [&str; 4] = ["shared/money", "shared/ledger", "shared/terms", "shared/vendors"];

#[test]
fn public_items_of_the_lowest_crates_have_docs() {
    let mut files = Vec::new();
    for folder in DOCUMENTED {
        source_files(&root().join(folder), &mut files);
    }
    let mut items = 0;
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let kind = line.strip_prefix("pub ").and_then(|item| item.split(' ').next());
            if matches!(kind, Some("struct" | "enum" | "trait" | "fn" | "async" | "const" | "type")) {
                items += 1;
                let is_attribute = |line: &&&str| line.starts_with(['#', ' ', ')']);
                let before = lines[..number].iter().rev().find(|line| !is_attribute(line));
                let documented = before.is_some_and(|line| line.starts_with("///"));
                assert!(documented, "{}:{}: {line}", file.display(), number + 1);
            }
        }
    }
    assert!(items > 150, "the walk finds the items");
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

/// Amounts, prices and counts are exact.
#[test]
fn no_float_type_stands_in_our_code() {
    let mut files = Vec::new();
    for folder in ["functions", "shared"] {
        every_file(&root().join(folder), &mut files);
    }
    files.retain(|file| {
        let text = fs::read_to_string(file).expect("a source file");
        let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.any(|word| ["f32", "f64"].contains(&word) || word.ends_with("_f64"))
    });
    assert_eq!(files, Vec::<PathBuf>::new());
}

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

/// A file of billing as a module: `orders::grant`, `limits`; a room's own `mod.rs` is the room.
fn module_of(file: &Path, src: &Path) -> String {
    let name = file.strip_prefix(src).expect("inside").with_extension("").display().to_string();
    name.trim_end_matches("/mod").replace('/', "::")
}

/// Every path of a use tree: `a::{b, c::{d, e}}` is `a::b`, `a::c::d`, `a::c::e`.
fn paths_of(tree: &str, before: &str, found: &mut Vec<String>) {
    let Some((start, rest)) = tree.split_once('{') else {
        let path = format!("{before}{}", tree.trim());
        found.push(path.trim_end_matches("::self").to_owned());
        return;
    };
    let before = format!("{before}{}", start.trim());
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut from) = (0, 0);
    for (at, letter) in inner.char_indices().chain([(inner.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !inner[from..at].trim().is_empty() {
                    paths_of(&inner[from..at], &before, found);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// The paths of all `use` statements of a text that begin with `start`, without it.
fn used(text: &str, start: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in text.split(start).skip(1) {
        paths_of(statement.split(';').next().unwrap_or_default(), "", &mut found);
    }
    found
}

/// What stands after each `before` in a text, as long as `belongs` says.
fn after<'a>(text: &'a str, before: &str, belongs: fn(char) -> bool) -> Vec<&'a str> {
    let word = |rest: &'a str| &rest[..rest.find(|letter| !belongs(letter)).unwrap_or(rest.len())];
    text.split(before).skip(1).map(word).collect()
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Billing's modules with their code: comments, unit tests and white space left out.
fn billing_modules() -> (String, BTreeMap<String, String>) {
    let src = root().join("shared/billing/src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let mut modules = BTreeMap::new();
    for file in files.iter().filter(|file| !file.to_string_lossy().ends_with("tests.rs")) {
        let text = fs::read_to_string(file).expect("a source file");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
        modules.insert(module_of(file, &src), code.join("\n"));
    }
    (modules.remove("lib").expect("lib.rs"), modules)
}

/// Which module of billing knows which, by what it uses.
fn billing_arrows() -> BTreeSet<(String, String)> {
    let (lib, modules) = billing_modules();
    let exports = used(&lib, "pub use ");
    let module_of_path = |path: String| -> Option<String> {
        let name = path.split("::").next().unwrap_or_default().to_owned();
        let export = exports.iter().find(|export| export.rsplit("::").next() == Some(name.as_str()));
        let mut path = export.unwrap_or(&path).as_str();
        while !modules.contains_key(path) {
            path = path.rsplit_once("::")?.0;
        }
        Some(path.to_owned())
    };
    let mut arrows = BTreeSet::new();
    for (module, text) in &modules {
        let inline = after(text, "crate::", |letter| is_name(letter) || letter == ':');
        let inline = inline.into_iter().map(|path| path.trim_end_matches(':').to_owned());
        let by_path = used(text, "use crate::").into_iter().chain(inline).filter_map(&module_of_path);
        arrows.extend(by_path.map(|to| (module.clone(), to)));
    }
    arrows
}

/// The place of a module in `BILLING`: its own, or its room's.
fn place_in_billing(module: &str) -> Option<usize> {
    let place = |name: &str| BILLING.iter().position(|known| *known == name);
    place(module).or_else(|| place(room_of(module)))
}

fn room_of(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

#[test]
fn no_arrow_between_rooms_of_billing_runs_back() {
    let (_, modules) = billing_modules();
    let unplaced: Vec<&String> = modules.keys().filter(|module| place_in_billing(module).is_none()).collect();
    assert!(unplaced.is_empty(), "BILLING gives no place to {unplaced:?}");
    let known: BTreeSet<&str> =
        modules.keys().map(String::as_str).chain(modules.keys().map(|name| room_of(name))).collect();
    let gone: Vec<&&str> = BILLING.iter().filter(|name| !known.contains(**name)).collect();
    assert!(gone.is_empty(), "BILLING names what is not there: {gone:?}");
    let handed_on: Vec<&String> = modules
        .iter()
        .filter(|(module, text)| {
            *module != "wiring" && text.split(|letter| !is_name(letter)).any(|word| word == "Billing")
        })
        .map(|(module, _)| module)
        .collect();
    assert!(handed_on.is_empty(), "a room has what it needs, not all of Billing: {handed_on:?}");
    let arrows = billing_arrows();
    assert!(arrows.len() > 150, "the check sees {} arrows", arrows.len());
    let back: Vec<&(String, String)> = arrows
        .iter()
        .filter(|(from, to)| room_of(from) != room_of(to) && place_in_billing(from) < place_in_billing(to))
        .collect();
    assert!(back.is_empty(), "arrows that run back: {back:?}");
}
