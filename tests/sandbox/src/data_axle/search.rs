//! Search: a count and a page of documents, up to the vendor's ceiling.

use serde_json::{Value, json};

use super::documents::{self, Wanted};
use super::{DataAxle, Outcome, Token};

const DEFAULT_LIMIT: u64 = 10;
const MAX_LIMIT: u64 = 400;
const MAX_OFFSET: u64 = 4_000;
const KNOWN: [&str; 14] = [
    "query",
    "filter",
    "limit",
    "offset",
    "sort",
    "packages",
    "fields",
    "perspective",
    "scoring",
    "ids",
    "include_labels",
    "include_ranges",
    "insights",
    "require_packages",
];

impl DataAxle {
    pub(super) fn search(&mut self, token: Token, body: &Value) -> Outcome {
        known(body, &KNOWN)?;
        let limit = bounded(body, "limit", DEFAULT_LIMIT, MAX_LIMIT)?;
        let offset = bounded(body, "offset", 0, MAX_OFFSET)?;
        let (wanted, fields) = selection(body)?;
        let wanted = wanted.with_zips_as_numbers(self.zips_as_numbers);
        let matches = self.matching(body)?;
        let page: Vec<Value> = matches
            .iter()
            .skip(usize::try_from(offset).unwrap_or(usize::MAX))
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .map(|index| documents::only(documents::document(*index, wanted), &fields))
            .collect();
        let counters = self.count(token);
        match limit {
            0 => counters.count_calls += 1,
            _ => counters.searches += 1,
        }
        counters.contacts_delivered += u64::try_from(page.len()).unwrap_or_default();
        Ok(json!({"count": matches.len(), "documents": page}))
    }
}

/// `packages` and `fields` of a body.
pub(super) fn selection(body: &Value) -> Result<(Wanted, Vec<String>), (u16, String)> {
    let packages = texts(body, "packages")?;
    let wanted = Wanted::read(packages.iter().map(String::as_str)).map_err(|message| (400, message))?;
    Ok((wanted, texts(body, "fields")?))
}

/// Refuses members that the call does not have.
pub(super) fn known(body: &Value, names: &[&str]) -> Result<(), (u16, String)> {
    let given = body.as_object().into_iter().flat_map(|body| body.keys());
    match given.into_iter().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err((400, format!("Unknown parameter: {name}"))),
        None => Ok(()),
    }
}

fn bounded(body: &Value, name: &str, default: u64, most: u64) -> Result<u64, (u16, String)> {
    match &body[name] {
        Value::Null => Ok(default),
        value => match value.as_u64() {
            Some(number) if number <= most => Ok(number),
            Some(_) => Err((400, format!("{name} can be at most {most}."))),
            None => Err((400, format!("{name} should be a whole number."))),
        },
    }
}

fn texts(body: &Value, name: &str) -> Result<Vec<String>, (u16, String)> {
    let wrong = || (400, format!("{name} should be a list of names."));
    match &body[name] {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(text.split(',').map(|name| name.trim().to_owned()).collect()),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        _ => Err(wrong()),
    }
}
