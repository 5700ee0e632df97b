//! The whole product in one process: organizations and their people, Stripe, Data Axle, PostGrid, SQS, the
//! Scheduler, S3, the clock and every function, single-threaded and deterministic by seed.
//!
//! The handlers and the store are the real ones; below them stand `support`'s DynamoDB and the sandbox's state
//! machines, reached without a socket. Faults strike at every call, processes die at any of them, and after
//! every step the books are checked. Test code only.

mod acts;
mod alert_checks;
mod answers;
mod calls;
mod checks;
pub mod core;
mod deliveries;
mod dynamo;
mod fraud_checks;
mod invoke;
pub mod matrix;
mod money_acts;
mod money_checks;
mod objects;
mod outsiders;
mod people;
mod permissions;
pub mod plan;
mod queues;
mod simulation;
mod stripe_books;
mod stripe_life;
mod system;
mod tasks;
mod topic;
mod vendors;
mod vendors_books;
pub mod weather;

pub use simulation::LIVENESS_HOURS;
use simulation::Simulation;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub injected: BTreeMap<&'static str, u64>,
    /// The same for two runs of one seed.
    pub digest: u64,
    pub reached: BTreeMap<String, u64>,
    pub cards: u64,
}

#[derive(Debug, Clone)]
pub struct Broken {
    pub seed: u64,
    pub steps: u64,
    /// The step it was found after; the number of steps itself: at the end.
    pub at: u64,
    pub what: Vec<String>,
    pub last: Vec<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, steps, at, what, last } = self;
        for line in last {
            writeln!(formatter, "    {line}")?;
        }
        let when = if at >= steps { "at the end".to_owned() } else { format!("after step {at}") };
        writeln!(formatter, "BROKEN with seed {seed} {when}:")?;
        for line in what {
            writeln!(formatter, "  {line}")?;
        }
        write!(formatter, "replay: make sim SEED={seed} STEPS={steps}   ")?;
        write!(formatter, "(cargo run --profile local -p simulator -- --seed {seed} --steps {steps})")
    }
}

thread_local! {
    static SIMULATING: Cell<bool> = const { Cell::new(false) };
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Panics of the product are findings, also where a handler's rim catches them.
fn watch_panics() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if SIMULATING.get() {
                PANICS.with_borrow_mut(|panics| panics.push(panic.to_string()));
            } else {
                before(panic);
            }
        }));
    });
}

/// Runs something on virtual time of its own, in one thread.
///
/// # Errors
/// The panics that it met, also where a handler's rim caught them.
pub(crate) fn simulate<T>(work: impl AsyncFnOnce() -> T) -> Result<T, Vec<String>> {
    watch_panics();
    SIMULATING.set(true);
    PANICS.take();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    let done = catch_unwind(AssertUnwindSafe(|| runtime.block_on(work())));
    SIMULATING.set(false);
    let panics = PANICS.take();
    match done {
        Ok(done) if panics.is_empty() => Ok(done),
        _ => Err(panics),
    }
}

/// Runs one seed for so many steps, stops the faults, waits for the end of everything and checks all of it.
///
/// # Errors
/// The first invariant that broke.
pub fn run(seed: u64, steps: u64, trace: bool) -> Result<Summary, Box<Broken>> {
    let step = Cell::new(0);
    let seen: RefCell<Option<core::Core>> = RefCell::new(None);
    let done = simulate(async || {
        let mut simulation = Simulation::new(seed, trace);
        *seen.borrow_mut() = Some(simulation.core.clone());
        let broken =
            |core: &core::Core| !core.all_broken().is_empty() || PANICS.with_borrow(|all| !all.is_empty());
        for number in 0..steps {
            step.set(number);
            simulation.step(number).await;
            if broken(&simulation.core) {
                return None;
            }
        }
        step.set(steps);
        simulation.wind_down();
        simulation.finish().await;
        (!broken(&simulation.core)).then(|| simulation.summary())
    });
    let panics = match done {
        Ok(Some(summary)) => return Ok(summary),
        Ok(None) => Vec::new(),
        Err(panics) => panics,
    };
    let core = seen.take();
    let mut what = core.as_ref().map(core::Core::all_broken).unwrap_or_default();
    what.extend(panics);
    let last = core.map(|core| core.last_lines(80)).unwrap_or_default();
    Err(Box::new(Broken { seed, steps, at: step.get(), what, last }))
}
