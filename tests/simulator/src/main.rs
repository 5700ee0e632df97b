//! `make sim SEED=… STEPS=…`: one seed with its story on failure, or `--seeds N` of them from `--seed` on.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

#[derive(Default)]
struct Totals {
    injected: BTreeMap<&'static str, u64>,
    reached: BTreeMap<String, u64>,
    broken: u64,
    cards: u64,
}

struct Wanted {
    seed: u64,
    seeds: u64,
    steps: u64,
    threads: u64,
}

fn wanted() -> Result<Wanted, String> {
    let mut wanted = Wanted { seed: 1, seeds: 1, steps: 300, threads: 2 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number = words.next().and_then(|word| word.parse().ok());
        let number: u64 = number.ok_or_else(|| format!("{word} takes a whole number"))?;
        match word.as_str() {
            "--seed" => wanted.seed = number,
            "--seeds" => wanted.seeds = number,
            "--steps" => wanted.steps = number,
            "--threads" => wanted.threads = number,
            _ => return Err(format!("{word} is not one of --seed, --seeds, --steps, --threads")),
        }
    }
    Ok(wanted)
}

fn main() -> ExitCode {
    let wanted = match wanted() {
        Ok(wanted) => wanted,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let (started, next) = (Instant::now(), AtomicU64::new(0));
    let totals: Mutex<Totals> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..wanted.threads.min(wanted.seeds) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    if at >= wanted.seeds {
                        return;
                    }
                    let ran = simulator::run(wanted.seed + at, wanted.steps, true);
                    let mut totals = totals.lock().expect("no panic while held");
                    match ran {
                        Ok(summary) => {
                            for (kind, count) in summary.injected {
                                *totals.injected.entry(kind).or_default() += count;
                            }
                            for (kind, count) in summary.reached {
                                *totals.reached.entry(kind).or_default() += count;
                            }
                            totals.cards += summary.cards;
                        }
                        Err(broken) => {
                            totals.broken += 1;
                            println!("{broken}\n");
                        }
                    }
                }
            });
        }
    });
    let Totals { injected, reached, broken: failed, cards } =
        totals.into_inner().expect("no panic while held");
    for (kind, count) in &injected {
        println!("{count:>9}  {kind}");
    }
    for (kind, count) in &reached {
        println!("{count:>9}  {kind}");
    }
    println!(
        "{} seeds of {} steps in {} s: {failed} broken; {cards} live cards, {} faults",
        wanted.seeds,
        wanted.steps,
        started.elapsed().as_secs(),
        injected.values().sum::<u64>()
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
