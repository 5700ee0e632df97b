//! 200 seeds of 300 steps over all processors: no invariant breaks, and no kind of fault is missing.

use simulator::weather::KINDS;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const SEEDS: u64 = 200;
const STEPS: u64 = 300;

#[test]
fn nothing_is_lost_in_200_seeds_of_300_steps() {
    let injected: Mutex<BTreeMap<&'static str, u64>> = Mutex::default();
    let (broken, next) = (Mutex::new(Vec::new()), AtomicU64::new(1));
    let seeds = || {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed > SEEDS {
                return;
            }
            match simulator::run(seed, STEPS, true) {
                Ok(summary) => {
                    let mut injected = injected.lock().unwrap();
                    for (kind, count) in summary.injected {
                        *injected.entry(kind).or_default() += count;
                    }
                }
                Err(found) => broken.lock().unwrap().push(found.to_string()),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            scope.spawn(seeds);
        }
    });
    let (injected, broken) = (injected.into_inner().unwrap(), broken.into_inner().unwrap());
    println!("{SEEDS} seeds of {STEPS} steps, {} broken. Faults injected:", broken.len());
    for (kind, count) in &injected {
        println!("{count:>9}  {kind}");
    }
    assert!(broken.is_empty(), "{} seeds broke an invariant\n{}", broken.len(), broken.join("\n\n"));
    let missing: Vec<&&str> = KINDS.iter().filter(|kind| !injected.contains_key(**kind)).collect();
    assert!(missing.is_empty(), "these faults were never injected: {missing:?}");
}

#[test]
fn a_seed_is_one_story() {
    let tell =
        || simulator::run(7, 120, false).map(|summary| (summary.digest, summary.injected)).expect("sound");
    assert_eq!(tell(), tell());
}

/// In each of them something broke when it was first run. The dice change with the simulator, so a seed may tell
/// another story by now; what broke has a test of its own or cells of the matrix.
#[test]
fn seeds_that_once_broke_an_invariant_hold() {
    for seed in [79, 736, 1307, 2055, 3190] {
        if let Err(broken) = simulator::run(seed, 400, true) {
            panic!("{broken}");
        }
    }
}
