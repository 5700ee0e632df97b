//! How large the release build is: stripped binaries and their zips, as `make bench` built them before it measured.

use crate::{Figure, ratio};
use rust_decimal::Decimal;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const GROUP: &str = "Release build (profile release, as make package)";

/// A mebibyte, as sizes are promised in.
const MEGABYTE: u64 = 1_024 * 1_024;

struct Built {
    name: String,
    binary: u64,
    zip: u64,
}

/// The sizes of what was built. `Err` says what is missing.
///
/// # Errors
/// A sentence for the table.
pub fn measure(root: &Path, folder: &Path) -> Result<Vec<Figure>, String> {
    let build = root.join("target/release");
    let template = fs::read_to_string(root.join("template.yaml")).map_err(|why| why.to_string())?;
    let mut built = Vec::new();
    for name in binaries(&template) {
        let binary = build.join(&name);
        if let Ok(found) = fs::metadata(&binary) {
            built.push(Built { zip: zipped(&binary, folder)?, name, binary: found.len() });
        }
    }
    if built.is_empty() {
        return Err(
            "no release build of the functions stands in target/release: their sizes are not in this table"
                .to_owned(),
        );
    }
    let (with, without): (Vec<_>, Vec<_>) =
        built.into_iter().partition(|built| links_stripe(root, &built.name));
    Ok([("with Stripe", with, 6), ("without Stripe", without, 4)]
        .into_iter()
        .flat_map(|(what, built, bound)| largest(what, &built, bound))
        .collect())
}

/// Only the billing flow, and what depends on it, links Stripe's types.
fn links_stripe(root: &Path, function: &str) -> bool {
    let manifest = root.join("functions").join(function).join("Cargo.toml");
    fs::read_to_string(manifest).is_ok_and(|manifest| manifest.contains("billing.workspace"))
}

fn largest(what: &str, built: &[Built], bound: u32) -> Vec<Figure> {
    let Some(largest) = built.iter().max_by_key(|built| built.zip) else { return Vec::new() };
    let note = format!("{}, the largest of {}", largest.name, built.len());
    vec![
        Figure::new(GROUP, format!("{what}: stripped binary"), megabytes(largest.binary), "MB").noted(&note),
        Figure::new(GROUP, format!("{what}: zip"), megabytes(largest.zip), "MB")
            .at_most(Decimal::from(bound))
            .noted(&note),
    ]
}

fn megabytes(bytes: u64) -> Decimal {
    ratio(bytes, MEGABYTE).round_dp(2)
}

/// The functions' binaries, as the template names them.
fn binaries(template: &str) -> Vec<String> {
    template.lines().filter_map(|line| line.trim().strip_prefix("Binary: ")).map(str::to_owned).collect()
}

/// The size of a zip of this file, made as the deploy makes it.
fn zipped(binary: &Path, folder: &Path) -> Result<u64, String> {
    let zip: PathBuf = folder.join("bootstrap.zip");
    let made = Command::new("python3")
        .args(["-c", ZIP])
        .args([&zip, binary])
        .status()
        .map_err(|why| format!("no zip was made: {why}"))?;
    if !made.success() {
        return Err("no zip was made".to_owned());
    }
    Ok(fs::metadata(&zip).map_err(|why| why.to_string())?.len())
}

/// `sam deploy` is Python and zips with deflate.
const ZIP: &str = "import sys, zipfile\n\
    with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:\n    \
    archive.write(sys.argv[2], 'bootstrap')\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_names_each_functions_binary() {
        let template = "Resources:\n  # money in\n  Credits:\n    Metadata:\n      BuildProperties:\n        \
                        Binary: credits\n  StripeWebhook:\n    Metadata:\n      BuildProperties:\n        \
                        Binary: stripe-webhook\n";
        assert_eq!(binaries(template), ["credits", "stripe-webhook"]);
    }

    #[test]
    fn megabytes_are_what_the_promise_counts_in() {
        assert_eq!(megabytes(6 * MEGABYTE), Decimal::from(6));
        assert_eq!(megabytes(MEGABYTE / 2), Decimal::new(5, 1));
    }
}
