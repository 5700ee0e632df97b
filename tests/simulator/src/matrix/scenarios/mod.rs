//! For each function the situations in which it makes its calls.

mod bounds;
mod looks;
mod money;
mod reversals;
mod top_ups;
mod warnings;
mod work;

use super::stage::{Act, Stage};
use futures::future::LocalBoxFuture;
use std::sync::LazyLock;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

pub struct Scenario {
    pub function: &'static str,
    pub name: &'static str,
    /// Only calls with one of these words (separated by `|`) in their name get cells here; the others have theirs in
    /// cheaper scenarios.
    pub only: &'static str,
    /// Brings the situation about; what is invoked in it.
    pub setup: for<'a> fn(&'a mut Stage) -> LocalBoxFuture<'a, Act>,
}

/// A scenario of a function: its name, and how it is set up.
macro_rules! scenario {
    ($function:literal, $name:literal, |$stage:ident| $setup:block) => {
        scenario!($function, $name, "", |$stage| $setup)
    };
    ($function:literal, $name:literal, $only:literal, |$stage:ident| $setup:block) => {
        $crate::matrix::Scenario {
            function: $function,
            name: $name,
            only: $only,
            setup: |$stage| Box::pin(async move { $setup }),
        }
    };
}
use scenario;

pub static SCENARIOS: LazyLock<Vec<&'static Scenario>> = LazyLock::new(|| {
    let parts = [
        money::SCENARIOS,
        reversals::SCENARIOS,
        warnings::SCENARIOS,
        top_ups::SCENARIOS,
        looks::SCENARIOS,
        work::SCENARIOS,
        bounds::SCENARIOS,
    ];
    parts.into_iter().flatten().collect()
});
