//! A figure beside its target, and the sheet that they are printed and saved on. Knows nothing of how figures
//! are measured.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::fmt::Write;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    AtMost(Decimal),
    /// This and nothing else.
    Exactly(Decimal),
}

impl Target {
    #[must_use]
    pub fn is_met_by(self, value: Decimal) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound,
            Self::Exactly(wanted) => value == wanted,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtMost(bound) => write!(formatter, "≤ {bound}"),
            Self::Exactly(wanted) => write!(formatter, "= {wanted}"),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Figure {
    pub group: &'static str,
    pub name: String,
    pub value: Decimal,
    pub unit: &'static str,
    pub target: Option<Target>,
    /// How it was measured, or why it misses.
    pub note: String,
}

impl Figure {
    /// A figure without a target.
    pub fn new(
        group: &'static str,
        name: impl Into<String>,
        value: impl Into<Decimal>,
        unit: &'static str,
    ) -> Self {
        let (name, value) = (name.into(), value.into());
        Self { group, name, value, unit, target: None, note: String::new() }
    }

    #[must_use]
    pub fn at_most(mut self, bound: Decimal) -> Self {
        self.target = Some(Target::AtMost(bound));
        self
    }

    #[must_use]
    pub fn exactly(mut self, wanted: impl Into<Decimal>) -> Self {
        self.target = Some(Target::Exactly(wanted.into()));
        self
    }

    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// `ok`, `missed`, or nothing where nothing is promised.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        match self.target.map(|target| target.is_met_by(self.value)) {
            Some(true) => "ok",
            Some(false) => "missed",
            None => "",
        }
    }

    fn shown(&self) -> String {
        self.value.round_dp(3).normalize().to_string()
    }
}

#[derive(Debug, Default)]
pub struct Sheet {
    figures: Vec<Figure>,
    remarks: Vec<String>,
}

impl Sheet {
    pub fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    pub fn extend(&mut self, figures: impl IntoIterator<Item = Figure>) {
        self.figures.extend(figures);
    }

    /// Adds a sentence about the whole run.
    pub fn remark(&mut self, remark: impl Into<String>) {
        self.remarks.push(remark.into());
    }

    #[must_use]
    pub fn missed(&self) -> usize {
        self.figures.iter().filter(|figure| figure.verdict() == "missed").count()
    }

    /// The artefact: every figure with its target and verdict.
    #[must_use]
    pub fn json(&self) -> Value {
        let number = |value: Decimal| -> Value {
            serde_json::from_str(&value.normalize().to_string()).unwrap_or(Value::Null)
        };
        let figures: Vec<Value> = self
            .figures
            .iter()
            .map(|figure| {
                let verdict = Some(figure.verdict()).filter(|verdict| !verdict.is_empty());
                json!({"group": figure.group, "name": figure.name, "value": number(figure.value),
                    "unit": figure.unit, "target": figure.target.map(|target| target.to_string()),
                    "verdict": verdict, "note": figure.note})
            })
            .collect();
        json!({"figures": figures, "remarks": self.remarks, "missed": self.missed()})
    }

    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        let mut group = "";
        for figure in &self.figures {
            if figure.group != group {
                group = figure.group;
                let _ = writeln!(text, "\n{group}");
            }
            let target = figure.target.map(|target| target.to_string()).unwrap_or_default();
            let value = format!("{} {}", figure.shown(), figure.unit);
            let line = format!("  {:<68} {value:>20}  {target:<9} {:<7} ", figure.name, figure.verdict());
            let _ = writeln!(text, "{}", format!("{line}{}", figure.note).trim_end());
        }
        for remark in &self.remarks {
            let _ = write!(text, "\n{remark}");
        }
        text
    }
}

/// One divided by another; zero where there is nothing to divide by.
#[must_use]
pub fn ratio(part: impl Into<Decimal>, whole: impl Into<Decimal>) -> Decimal {
    part.into().checked_div(whole.into()).unwrap_or_default()
}

#[must_use]
pub fn milliseconds(duration: std::time::Duration) -> Decimal {
    let microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    ratio(microseconds, 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stands_beside_its_target() {
        let figure =
            |value: Decimal| Figure::new("g", "writes", value, "per piece").at_most(Decimal::new(2, 1));
        assert_eq!(figure(Decimal::new(2, 1)).verdict(), "ok");
        assert_eq!(figure(Decimal::new(201, 3)).verdict(), "missed");
        assert_eq!(Figure::new("g", "winners", 32, "").exactly(32).verdict(), "ok");
        assert_eq!(Figure::new("g", "winners", 33, "").exactly(32).verdict(), "missed");
        assert_eq!(Figure::new("g", "size", 1, "bytes").verdict(), "");
    }

    #[test]
    fn a_sheet_counts_what_is_missed_and_keeps_numbers_as_numbers() {
        let mut sheet = Sheet::default();
        sheet.add(Figure::new("g", "a", Decimal::new(1750, 4), "units").at_most(Decimal::ONE));
        sheet.add(Figure::new("g", "b", 3, "units").at_most(Decimal::ONE).noted("why"));
        assert_eq!(sheet.missed(), 1);
        let json = sheet.json();
        assert_eq!(json["figures"][0]["value"].to_string(), "0.175");
        assert_eq!((&json["figures"][1]["verdict"], &json["missed"]), (&json!("missed"), &json!(1)));
        assert!(sheet.table().contains("≤ 1       missed  why"));
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert_eq!(ratio(3, 4), Decimal::new(75, 2));
        assert_eq!(ratio(3, 0), Decimal::ZERO);
        assert_eq!(milliseconds(std::time::Duration::from_micros(1_500)), Decimal::new(15, 1));
    }
}
