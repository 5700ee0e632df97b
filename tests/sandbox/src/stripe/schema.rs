//! What a request may carry, nested parameters included: the names, and what their values may be
//! (docs.stripe.com/api). Anything else is refused, as Stripe refuses it.

use serde_json::Value;

use super::params::bracketed;
use super::refusal::Refusal;
use super::vocabulary::{CURRENCIES, METHOD_TYPES};

/// What a value may be. An empty one unsets its parameter and is always accepted.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    /// `true` or `false`.
    Flag,
    Whole,
    Currency,
    Method,
    Word(&'static [&'static str]),
    Removed(&'static str),
}

/// A request's parameters. Paths are written with `/`; `*` stands for any one step, as an index or a metadata key,
/// and a last `**` for whatever is below.
pub(super) type Schema = &'static [(&'static str, Kind)];

/// Refuses a parameter that the request does not have, or a value that it may not have.
pub(super) fn check(schema: Schema, params: &Value) -> Result<(), Box<Refusal>> {
    let mut leaves = Vec::new();
    collect(params, String::new(), &mut leaves);
    leaves.into_iter().try_for_each(|(path, text)| check_leaf(schema, &path, text))
}

fn collect<'a>(value: &'a Value, path: String, leaves: &mut Vec<(String, &'a str)>) {
    let below = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}/{step}") };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| collect(value, below(name), leaves))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| collect(value, below(&at.to_string()), leaves));
        }
        Value::String(text) => leaves.push((path, text)),
        _ => {}
    }
}

fn check_leaf(schema: Schema, path: &str, text: &str) -> Result<(), Box<Refusal>> {
    let known = schema.iter().find(|(pattern, _)| matches(pattern, path));
    let name = bracketed(path);
    let Some((_, kind)) = known else {
        // a whole group is unset by an empty text
        let group = schema.iter().any(|(pattern, _)| pattern.starts_with(&format!("{path}/")));
        return if group && text.is_empty() { Ok(()) } else { Err(Refusal::unknown_parameter(&name)) };
    };
    if let Kind::Removed(code) = kind {
        let message = format!("The parameter `{name}` is no longer supported in this version of the API.");
        return Err(Refusal::coded(code, message, &name));
    }
    if text.is_empty() {
        return Ok(());
    }
    check_value(*kind, &name, text)
}

fn check_value(kind: Kind, name: &str, text: &str) -> Result<(), Box<Refusal>> {
    let one_of = |words: &[&str]| {
        if words.contains(&text) {
            return Ok(());
        }
        let message = format!("Invalid {name}: must be one of {}", words.join(", "));
        Err(Refusal::invalid(message, Some(name)))
    };
    match kind {
        Kind::Text | Kind::Removed(_) => Ok(()),
        Kind::Flag => match text {
            "true" | "false" => Ok(()),
            _ => Err(Refusal::invalid(format!("Invalid boolean: {text}"), Some(name))),
        },
        Kind::Whole => text.parse::<i64>().map(drop).map_err(|_| {
            Refusal::coded("parameter_invalid_integer", format!("Invalid integer: {text}"), name)
        }),
        Kind::Currency if CURRENCIES.contains(&text.to_ascii_lowercase().as_str()) => Ok(()),
        Kind::Currency => {
            let message = format!("Invalid currency: {text}. Stripe currently supports these currencies: …");
            Err(Refusal::invalid(message, Some(name)))
        }
        Kind::Method => one_of(METHOD_TYPES),
        Kind::Word(words) => one_of(words),
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut steps = path.split('/');
    for wanted in pattern.split('/') {
        if wanted == "**" {
            return true;
        }
        match steps.next() {
            Some(step) if wanted == "*" || wanted == step => {}
            _ => return false,
        }
    }
    steps.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_one_parameter_or_all_below() {
        assert!(matches("metadata/*", "metadata/order"));
        assert!(!matches("metadata/*", "metadata"));
        assert!(!matches("metadata/*", "metadata/order/x"));
        assert!(matches("items/*/quantity", "items/0/quantity"));
        assert!(matches("options/**", "options/card/installments/enabled"));
        assert!(!matches("mode", "model"));
    }
}
