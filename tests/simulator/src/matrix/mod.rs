//! The fault matrix: every outside call of every function × everything that can go wrong with it.
//!
//! The calls are not written down by hand: each scenario is run once without a fault, and every call that its
//! function makes becomes a row. In each cell the function meets one fault at one call, is delivered again until
//! it is done and once more; then everything must have ended, the books must balance, and the outcome must be
//! that of the run without a fault.

mod outcome;
mod scenarios;
mod stage;
mod stage_money;

use crate::plan::{Plan, Planned, Watch};
use outcome::Outcome;
pub use scenarios::{SCENARIOS, Scenario};
use stage::Stage;
use std::collections::BTreeSet;

/// How often a function is delivered again at most until it is done.
const DELIVERIES_MAX: u32 = 12;
/// Virtual seconds between two deliveries.
const BETWEEN_SECONDS: i64 = 20;

/// One cell: a call of a scenario's function, and what it meets.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Which scenario, by its place in [`SCENARIOS`].
    pub scenario: usize,
    pub plan: Plan,
}

impl Cell {
    #[must_use]
    pub fn name(&self) -> String {
        let Plan { call, occurrence, fault, lasting } = &self.plan;
        let Scenario { function, name, .. } = SCENARIOS[self.scenario];
        let lasting = if *lasting { ", and never again otherwise" } else { "" };
        format!("{function}, {name}: {call} (number {occurrence}) × {}{lasting}", fault.name())
    }
}

/// What a scenario does without a fault.
#[derive(Debug)]
pub struct Sound {
    pub calls: Vec<String>,
    /// What its function's role must allow for them: an action, and on what.
    pub permissions: BTreeSet<String>,
    pub outcome: Outcome,
}

/// Runs a scenario without a fault.
///
/// # Errors
/// What is broken without any.
pub fn sound(scenario: usize) -> Result<Sound, String> {
    let (watch, outcome) = run(SCENARIOS[scenario], None)?;
    let calls = watch.calls().to_vec();
    if calls.is_empty() {
        return Err(format!("{}: the function calls nobody", SCENARIOS[scenario].name));
    }
    Ok(Sound { calls, permissions: watch.permissions().clone(), outcome })
}

/// The cells of a scenario, drawn from the calls that it makes: the first and the last call of each name.
#[must_use]
pub fn cells(scenario: usize, sound: &Sound) -> Vec<Cell> {
    let mut names: Vec<&String> = sound.calls.iter().collect();
    names.sort();
    names.dedup();
    let only = SCENARIOS[scenario].only;
    let mut cells = Vec::new();
    for call in names.into_iter().filter(|call| only.split('|').any(|word| call.contains(word))) {
        let times = sound.calls.iter().filter(|made| *made == call).count();
        let last = u32::try_from(times).expect("few calls");
        let mut occurrences = vec![1, last];
        occurrences.dedup();
        for occurrence in occurrences {
            for (fault, lasting) in faults(call) {
                let plan = Plan { call: call.clone(), occurrence, fault, lasting };
                cells.push(Cell { scenario, plan });
            }
        }
    }
    cells
}

/// What a call can meet, once or for as long as the function runs.
fn faults(call: &str) -> Vec<(Planned, bool)> {
    let reads =
        ["DynamoDB GetItem", "DynamoDB BatchGetItem", "DynamoDB Query", "S3 GET", "S3 HEAD", "S3 LIST"];
    // Nothing stands in the way of a read or of a message.
    let never_in_the_way = reads.iter().any(|read| call.starts_with(read))
        || call.starts_with("SQS")
        || call.starts_with("SNS")
        // has no such answer
        || call.starts_with("DataAxle");
    let mut faults = Vec::new();
    for fault in Planned::ALL {
        if fault == Planned::Conflict && never_in_the_way {
            continue;
        }
        faults.push((fault, false));
        let stays = [Planned::FailsBefore, Planned::FailsAfter, Planned::Throttled, Planned::Conflict];
        if stays.contains(&fault) {
            faults.push((fault, true));
        }
    }
    faults
}

/// Runs one cell.
///
/// # Errors
/// The invariant that broke, or how the outcome differs from the one without a fault.
pub fn strike(cell: &Cell, sound: &Sound) -> Result<(), String> {
    let (watch, outcome) = run(SCENARIOS[cell.scenario], Some(cell.plan.clone()))?;
    if watch.struck() == 0 {
        return Err("the fault did not strike".to_owned());
    }
    outcome.differs_from(&sound.outcome).map_or(Ok(()), Err)
}

fn run(scenario: &Scenario, plan: Option<Plan>) -> Result<(Watch, Outcome), String> {
    let ran = crate::simulate(async || {
        let mut stage = Stage::new();
        let act = (scenario.setup)(&mut stage).await;
        stage.sound()?;
        stage.sim.core.watch(plan);
        let mut done = stage.perform(&act).await;
        let watch = stage.sim.core.unwatch();
        let mut deliveries = 0;
        while !done && deliveries < DELIVERIES_MAX {
            stage.sim.advance(BETWEEN_SECONDS).await;
            done = stage.perform(&act).await;
            deliveries += 1;
        }
        if !done {
            return Err(format!("not done after {DELIVERIES_MAX} more deliveries"));
        }
        stage.perform(&act).await;
        stage.sim.finish().await;
        stage.sound()?;
        Ok((watch, Outcome::of(&stage.sim)))
    });
    ran.unwrap_or_else(|panics| Err(panics.join("; ")))
}
