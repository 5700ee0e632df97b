//! `bench`: measures everything, prints the table, keeps it as JSON. `bench warm CASE TIMES`: the driver that
//! callgrind counts. `bench racers`: the races alone. `bench job PIECES`: one print job, of whatever size.

use bench::{
    Figure, Sheet, bill::Prices, instructions, movements, printing_jobs, racers, report, sizes, warm,
    webhooks,
};
use std::{
    env, fs,
    future::Future,
    path::Path,
    time::{Duration, Instant},
};
use tokio::runtime::{Builder, Runtime};

const RACING: Duration = Duration::from_secs(120);

/// The largest job, and what is run in its place where it would take longer than this.
const LARGEST: (u32, u32, Duration) = (100_000, 20_000, Duration::from_secs(120));

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    platform::install_crypto();
    if let [word, case, times] = arguments.as_slice()
        && word == "warm"
    {
        let asked = one_thread().block_on(warm::run(case, times.parse()?));
        println!("{}", asked.join("\n"));
        return Ok(());
    }
    if arguments == ["racers"] {
        let mut sheet = Sheet::default();
        sheet.extend(races());
        println!("{}", sheet.table());
        return Ok(());
    }
    if let [word, pieces] = arguments.as_slice()
        && word == "job"
    {
        let mut sheet = Sheet::default();
        sheet.extend(printing_jobs::figures(&wait(printing_jobs::run(pieces.parse()?))));
        println!("{}", sheet.table());
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join(".local/bench");
    fs::create_dir_all(&folder)?;
    let sheet = measure(&root, &folder);
    fs::write(folder.join("bench.json"), serde_json::to_string_pretty(&sheet.json())?)?;
    println!("{}\n\n{} targets missed. Saved in .local/bench/bench.json", sheet.table(), sheet.missed());
    Ok(())
}

fn measure(root: &Path, folder: &Path) -> Sheet {
    let started = Instant::now();
    let mut sheet = Sheet::default();
    // Times and instructions first: nothing else runs beside them.
    let own = timed("the report's own time", || one_thread().block_on(report::own()));
    let webhooks = timed("webhooks", || one_thread().block_on(webhooks::measure()));
    sheet.extend(timed("movements", || wait(movements::measure())));
    let jobs = print_jobs();
    for job in &jobs {
        sheet.extend(printing_jobs::figures(job));
    }
    if jobs.iter().all(|job| job.pieces != LARGEST.0) {
        sheet.remark(format!(
            "A job of {} pieces would have taken more than {} s on this machine: {} stand for it.",
            LARGEST.0,
            LARGEST.2.as_secs(),
            LARGEST.1
        ));
    }
    sheet.extend(timed("the report's reads", || wait(report::history())));
    sheet.extend(own);
    sheet.extend(races());
    sheet.extend(webhooks);
    match timed("instructions", || instructions::measure(folder)) {
        Ok(figures) => sheet.extend(figures),
        Err(why) => sheet.remark(why),
    }
    match sizes::measure(root, folder) {
        Ok(figures) => sheet.extend(figures),
        Err(why) => sheet.remark(why),
    }
    let prices = Prices::shipped();
    let purchase = wait(webhooks::purchase());
    let ten_thousand = jobs.iter().find(|job| job.pieces == 10_000);
    sheet.extend(ten_thousand.map(|job| prices.postcards(job)).unwrap_or_default());
    sheet.extend(prices.purchases(&purchase));
    sheet.remark(prices.remark());
    if cfg!(debug_assertions) {
        sheet.remark(
            "Built without optimisation: times and instructions are those of the profile of `make test`; \
             counts and units do not depend on it.",
        );
    }
    sheet.remark(format!("Measured in {} s.", started.elapsed().as_secs()));
    sheet
}

fn races() -> Vec<Figure> {
    let mut figures = timed("racers", || wait(racers::at_once(RACING)));
    let distant = Builder::new_current_thread().enable_all().start_paused(true).build();
    let distant = distant.expect("a runtime");
    figures.extend(timed("distant racers", || distant.block_on(racers::distant(RACING))));
    figures
}

/// Jobs of every size, the largest as far as time allows.
fn print_jobs() -> Vec<printing_jobs::Job> {
    let run = |pieces: u32| timed(&format!("a job of {pieces} pieces"), || wait(printing_jobs::run(pieces)));
    let mut jobs: Vec<_> = [10, 1_000, 10_000].map(run).into();
    let last = jobs.last().map_or(Duration::ZERO, |job| job.took);
    let fits = last.saturating_mul(LARGEST.0 / 10_000) <= LARGEST.2;
    jobs.push(run(if fits { LARGEST.0 } else { LARGEST.1 }));
    jobs
}

/// Says what is measured and how long it took: a bench of minutes is watched.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = work();
    eprintln!("{what}: {} s", started.elapsed().as_secs());
    done
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}
