//! 200 seeds of 300 steps, spread over the harness's threads, and every kind of fault met in each quarter.

use simulator::core::KINDS;
use std::collections::BTreeMap;

const STEPS: u64 = 300;

/// Runs 50 seeds; a failure prints its seed, its step and the command that replays it.
#[track_caller]
fn fifty_seeds_from(first: u64) {
    let mut injected: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut broken = Vec::new();
    for seed in first..first + 50 {
        match simulator::run(seed, STEPS, true) {
            Ok(summary) => {
                for (kind, count) in summary.injected {
                    *injected.entry(kind).or_default() += count;
                }
            }
            Err(found) => broken.push(found.to_string()),
        }
    }
    for (kind, count) in &injected {
        println!("{count:>9}  {kind}");
    }
    assert!(broken.is_empty(), "{} of 50 seeds broke an invariant\n{}", broken.len(), broken.join("\n\n"));
    let missing: Vec<&&str> = KINDS.iter().filter(|kind| !injected.contains_key(**kind)).collect();
    assert!(missing.is_empty(), "these faults were never injected: {missing:?}");
}

#[test]
fn nothing_is_lost_in_seeds_1_to_50() {
    fifty_seeds_from(1);
}

#[test]
fn nothing_is_lost_in_seeds_51_to_100() {
    fifty_seeds_from(51);
}

#[test]
fn nothing_is_lost_in_seeds_101_to_150() {
    fifty_seeds_from(101);
}

#[test]
fn nothing_is_lost_in_seeds_151_to_200() {
    fifty_seeds_from(151);
}

#[test]
fn a_seed_is_one_story() {
    let tell =
        || simulator::run(7, 120, false).map(|summary| (summary.digest, summary.injected)).expect("sound");
    assert_eq!(tell(), tell());
}
