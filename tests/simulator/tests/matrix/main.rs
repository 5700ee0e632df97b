//! The fault matrix: each of its cells, and that no call of the code is without one.

use simulator::matrix::{Cell, SCENARIOS, Sound, cells, sound, strike};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

/// Serves pages and calls nobody.
const CALLS_NOBODY: &str = "console";

/// Runs `work` for every number below `count`, on all processors.
fn spread(count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return;
                    }
                    work(number);
                }
            });
        }
    });
}

/// Every scenario without a fault.
static SOUND: LazyLock<Vec<Sound>> = LazyLock::new(|| {
    let all: Mutex<BTreeMap<usize, Sound>> = Mutex::default();
    spread(SCENARIOS.len(), |number| {
        let name = SCENARIOS[number].name;
        let ran = sound(number).unwrap_or_else(|why| panic!("{name}, without a fault: {why}"));
        all.lock().unwrap().insert(number, ran);
    });
    all.into_inner().unwrap().into_values().collect()
});

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `MATRIX='print-batch'` runs the cells with this in their name alone.
#[test]
fn every_cell_of_the_matrix_ends_in_the_outcome_without_a_fault() {
    let chosen = std::env::var("MATRIX").unwrap_or_default();
    let all = SOUND.iter().enumerate().flat_map(|(number, sound)| cells(number, sound));
    let all: Vec<Cell> = all.filter(|cell| cell.name().contains(&chosen)).collect();
    let broken: Mutex<Vec<String>> = Mutex::default();
    spread(all.len(), |number| {
        let cell = &all[number];
        if let Err(why) = strike(cell, &SOUND[cell.scenario]) {
            broken.lock().unwrap().push(format!("{}\n    {why}", cell.name()));
        }
    });
    let mut by_fault: BTreeMap<&'static str, usize> = BTreeMap::new();
    for cell in &all {
        *by_fault.entry(cell.plan.fault.name()).or_default() += 1;
    }
    let broken = broken.into_inner().unwrap();
    println!("The fault matrix: {} cells of {} scenarios, {} broken.", all.len(), SOUND.len(), broken.len());
    for (fault, count) in &by_fault {
        println!("{count:>9}  {fault}");
    }
    assert!(broken.is_empty(), "{} cells broke:\n{}", broken.len(), broken.join("\n"));
}

/// The list in `tests/simulator/matrix.txt`: what each function was seen to call (service, operation, kind of item), and
/// what its role must allow for that. A call that no scenario made before, or makes any more, is a difference. What a
/// role allows beyond the list fails `tests/template/test_calls.py`: no function has a call that no scenario makes.
#[test]
fn no_call_of_the_code_is_without_a_cell() {
    let (mut calls, mut with_cells, mut permissions) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (number, sound) in SOUND.iter().enumerate() {
        let function = SCENARIOS[number].function;
        calls.extend(sound.calls.iter().map(|call| (function, call.clone())));
        permissions.extend(sound.permissions.iter().map(|line| (function, line)));
        with_cells.extend(cells(number, sound).into_iter().map(|cell| (function, cell.plan.call)));
    }
    let without: Vec<_> = calls.difference(&with_cells).collect();
    assert!(without.is_empty(), "no scenario has cells for these calls: {without:#?}");
    let mut found =
        String::from("# Calls that the matrix has cells for: function, service, operation, kinds of items\n");
    for (function, call) in &calls {
        writeln!(found, "{function}: {call}").unwrap();
    }
    found.push_str(
        "\n# What each function's role must allow for them (compared with template.yaml by tests/template)\n",
    );
    for (function, permission) in &permissions {
        writeln!(found, "{function}: {permission}").unwrap();
    }
    let file = root().join("tests/simulator/matrix.txt");
    if std::env::var("MATRIX").is_ok_and(|word| word == "write") {
        std::fs::write(&file, &found).unwrap();
    }
    let listed = std::fs::read_to_string(&file).unwrap_or_default();
    let (found, listed): (BTreeSet<&str>, BTreeSet<&str>) =
        (found.lines().collect(), listed.lines().collect());
    let new: Vec<&&str> = found.difference(&listed).collect();
    let gone: Vec<&&str> = listed.difference(&found).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "tests/simulator/matrix.txt is not what the code does. New: {new:#?}\nGone: {gone:#?}\nA new call needs a \
         scenario in tests/simulator/src/matrix/scenarios.rs that makes it; then write the list anew with \
         MATRIX=write cargo test --profile local -p simulator --test matrix no_call"
    );
}

#[test]
fn every_function_that_calls_somebody_has_a_scenario() {
    let folders = std::fs::read_dir(root().join("functions")).unwrap();
    let functions: BTreeSet<String> =
        folders.map(|folder| folder.unwrap().file_name().to_string_lossy().into_owned()).collect();
    let mut covered: BTreeSet<String> =
        SCENARIOS.iter().map(|scenario| scenario.function.to_owned()).collect();
    covered.insert(CALLS_NOBODY.to_owned());
    assert_eq!(functions, covered);
}
