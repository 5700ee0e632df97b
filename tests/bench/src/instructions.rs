//! Instructions of a warm request, counted by callgrind: two runs of different length, and the difference of
//! their totals over the difference of their requests.

use crate::{Figure, ratio, warm::CASES};
use rust_decimal::Decimal;
use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

const GROUP: &str = "Instructions of a warm request (callgrind), answers from a tape";

const RUNS: [u32; 2] = [5, 20];

struct Counted {
    case: &'static str,
    instructions: Decimal,
    calls: Vec<String>,
}

/// Counts every case. `Err` says why nothing could be counted.
///
/// # Errors
/// A sentence for the table: callgrind is missing or failed.
pub fn measure(folder: &Path) -> Result<Vec<Figure>, String> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Err("valgrind is not installed: no instructions were counted".to_owned());
    }
    // One case per processor at a time: callgrind runs on one.
    let mut counted = Vec::new();
    for pair in CASES.chunks(2) {
        let runs: Vec<_> = pair
            .iter()
            .map(|case| {
                let folder = folder.to_owned();
                thread::spawn(move || count(case, &folder))
            })
            .collect();
        for run in runs {
            counted.push(run.join().map_err(|_| "a count failed".to_owned())??);
        }
    }
    Ok(figures(&counted))
}

fn count(case: &'static str, folder: &Path) -> Result<Counted, String> {
    let (short, calls) = total(case, RUNS[0], folder)?;
    let (long, _) = total(case, RUNS[1], folder)?;
    Ok(Counted { case, instructions: per_request(short, long), calls })
}

fn per_request(short: u64, long: u64) -> Decimal {
    ratio(long.saturating_sub(short), RUNS[1] - RUNS[0])
}

/// A run's total, and whom each of its requests asks.
fn total(case: &str, times: u32, folder: &Path) -> Result<(u64, Vec<String>), String> {
    let file: PathBuf = folder.join(format!("callgrind.{case}.{times}"));
    let program = env::current_exe().map_err(|why| why.to_string())?;
    let output: Output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(program)
        .args(["warm", case, &times.to_string()])
        .output()
        .map_err(|why| format!("callgrind did not start: {why}"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("callgrind of {case} failed: {}", why.lines().last().unwrap_or_default()));
    }
    let profile = std::fs::read_to_string(&file).map_err(|why| why.to_string())?;
    let _ = std::fs::remove_file(&file);
    let total = totals(&profile).ok_or_else(|| format!("callgrind of {case} left no total"))?;
    let asked = String::from_utf8_lossy(&output.stdout);
    Ok((total, asked.lines().map(str::to_owned).collect()))
}

/// The total of a profile: its line `totals:`, or `summary:` in older ones.
fn totals(profile: &str) -> Option<u64> {
    let of = |line: &str| -> Option<u64> {
        let rest = line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:"))?;
        rest.split_whitespace().next()?.parse().ok()
    };
    profile.lines().rev().find_map(of)
}

fn figures(counted: &[Counted]) -> Vec<Figure> {
    let bare = counted.iter().find(|counted| counted.case == "bare").map(|bare| bare.instructions);
    let bare = bare.unwrap_or_default();
    let mut figures = Vec::new();
    for Counted { case, instructions, calls } in counted {
        let asked = calls.len();
        let thousands = ratio(*instructions, 1_000).round_dp(0);
        figures.push(
            Figure::new(GROUP, format!("{case}: instructions per request"), thousands, "thousand")
                .noted(format!("{asked} calls: {}", shortened(calls))),
        );
        if *case == "bare" {
            continue;
        }
        let times = ratio(*instructions, bare);
        let each = ratio(times, u64::try_from(asked).unwrap_or(1)).round_dp(2);
        let figure = Figure::new(GROUP, format!("{case} over the bare function"), times.round_dp(3), "×")
            .noted(format!("{each} × for each of its {asked} calls"));
        // The movement alone is shown to tell the ledger's part from the function's.
        figures.push(if *case == "movement" { figure } else { figure.at_most(Decimal::new(18, 1)) });
    }
    figures
}

fn shortened(calls: &[String]) -> String {
    let short = |call: &String| call.rsplit('.').next().unwrap_or(call).to_owned();
    calls.iter().map(short).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_costs_nothing_in_the_difference_of_two_runs() {
        let run = |times: u32| 7_000_000 + u64::from(times) * 1_250;
        assert_eq!(per_request(run(RUNS[0]), run(RUNS[1])), Decimal::from(1_250));
    }

    #[test]
    fn a_profiles_total_is_its_last_line_of_totals() {
        let profile = "events: Ir\nsummary: 12\n\nfn=(0)\n1 5\n\ntotals: 34\n";
        assert_eq!(totals(profile), Some(34));
        assert_eq!(totals("events: Ir\nsummary: 12\n"), Some(12));
        assert_eq!(totals("events: Ir\n"), None);
    }
}
