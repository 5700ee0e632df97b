//! Insights: counts and how values are distributed, without delivering anyone.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::filter::{Attribute, Datum};
use super::people::Person;
use super::search::known;
use super::{DataAxle, Outcome, Token};

const CALCULATIONS: [&str; 4] = ["fill_count", "unique_count", "value_count", "frequencies"];

impl DataAxle {
    pub(super) fn insights(&mut self, token: Token, body: &Value) -> Outcome {
        known(body, &["filter", "insights", "query", "perspective"])?;
        let matches = self.matching(body)?;
        let asked = &body["insights"];
        let insights = match asked {
            Value::Null => Value::Null,
            asked => calculate(asked, &matches).map_err(|message| (400, message))?,
        };
        self.count(token).count_calls += 1;
        Ok(json!({"count": matches.len(), "insights": insights}))
    }
}

fn calculate(asked: &Value, matches: &[u32]) -> Result<Value, String> {
    let field = asked["field"].as_str().ok_or("insights needs a field.")?;
    let attribute = Attribute::parse(field).ok_or_else(|| format!("Unknown attribute: {field}"))?;
    let calculations: Vec<&str> =
        asked["calculations"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(unknown) = calculations.iter().find(|name| !CALCULATIONS.contains(name)) {
        return Err(format!("Unknown calculation: {unknown}"));
    }
    let mut counts: BTreeMap<String, (Value, u64)> = BTreeMap::new();
    let mut filled = 0;
    for index in matches {
        let value = match attribute.of(&Person::new(*index)) {
            Datum::Missing => continue,
            Datum::Text(text) => Value::from(text),
            Datum::Known(text) => Value::from(text),
            Datum::Number(number) => Value::from(number),
            Datum::Flag(flag) => Value::from(flag),
        };
        filled += 1;
        counts.entry(value.to_string()).or_insert((value, 0)).1 += 1;
    }
    let mut insights = json!({"field": field});
    for name in calculations {
        insights[name] = match name {
            "frequencies" => {
                counts.values().map(|(value, count)| json!({"value": value, "count": count})).collect()
            }
            "unique_count" => Value::from(counts.len()),
            _ => Value::from(filled),
        };
    }
    Ok(insights)
}
