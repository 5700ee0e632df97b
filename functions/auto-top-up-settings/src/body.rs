//! What an owner sends, and the problem of what is out of bounds.

use billing::{TopUpRefusal, TopUpSettings};
use money::Money;
use platform::Problem;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wire {
    enabled: bool,
    threshold: Box<RawValue>,
    target: Box<RawValue>,
    monthly_cap: Box<RawValue>,
}

impl Wire {
    /// The settings, their amounts read.
    pub(crate) fn settings(&self) -> Result<TopUpSettings, Problem> {
        let amount = |name: &str, raw: &RawValue| {
            Money::parse_json(raw.get())
                .map_err(|why| Problem::bad_request("invalid_amount", format!("{name}: {why}.")))
        };
        Ok(TopUpSettings {
            enabled: self.enabled,
            threshold: amount("threshold", &self.threshold)?,
            target: amount("target", &self.target)?,
            monthly_cap: amount("monthlyCap", &self.monthly_cap)?,
        })
    }
}

/// The problem of a refusal.
pub(crate) fn problem(refused: TopUpRefusal) -> Problem {
    let code = match refused {
        TopUpRefusal::Threshold => "threshold_out_of_bounds",
        TopUpRefusal::Target => "target_out_of_bounds",
        TopUpRefusal::Cap => "monthly_cap_out_of_bounds",
        TopUpRefusal::TooManyLevels => "too_many_levels",
    };
    Problem::bad_request(code, format!("Not saved: {refused}. Change it and save again."))
}
