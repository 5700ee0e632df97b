//! Reading parameters: every value of a form is text until someone needs it to be more.

use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::schema::{self, Schema};

/// Longest metadata value and key, and the most keys (docs.stripe.com/api/metadata).
const MAX_METADATA: (usize, usize, usize) = (40, 500, 50);

/// The parameters of one request. Names are JSON pointers without the first slash (`price_data/currency`).
#[derive(Clone, Copy)]
pub(super) struct Params<'a> {
    root: &'a Value,
}

impl<'a> Params<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root }
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.root.pointer(&format!("/{name}"))
    }

    /// A non-empty text; an empty one unsets, as at Stripe.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&'a str, Box<Refusal>> {
        self.text(name).ok_or_else(|| Refusal::missing(&bracketed(name)))
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Box<Refusal>> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            let name = bracketed(name);
            Refusal::coded("parameter_invalid_integer", format!("Invalid integer: {text}"), &name)
        })
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Box<Refusal>> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Refusal::invalid(format!("Invalid boolean: {other}"), Some(&bracketed(name)))),
        }
    }

    pub(super) fn items(&self, name: &str) -> Vec<Params<'a>> {
        let items = self.value(name).and_then(Value::as_array);
        items.into_iter().flatten().map(|root| Params { root }).collect()
    }

    pub(super) fn texts(&self, name: &str) -> Vec<&'a str> {
        let items = self.value(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// True where a filter is absent or equals this member of an object.
    pub(super) fn accepts(&self, name: &str, member: &Value) -> bool {
        self.text(name).is_none_or(|wanted| *member == wanted)
    }

    /// A metadata object; keys with an empty value are unset.
    pub(super) fn metadata(&self, name: &str) -> Result<Value, Box<Refusal>> {
        let bad = |why: &str| Refusal::invalid(format!("Invalid metadata: {why}"), Some(&bracketed(name)));
        let given = match self.value(name) {
            None => return Ok(Value::Object(Map::new())),
            Some(Value::String(text)) if text.is_empty() => return Ok(Value::Object(Map::new())),
            Some(Value::Object(given)) => given,
            Some(_) => return Err(bad("it must be a hash of keys and values")),
        };
        let (key_length, value_length, keys) = MAX_METADATA;
        if given.len() > keys {
            return Err(bad("it can have at most 50 keys"));
        }
        let mut metadata = Map::new();
        for (key, value) in given {
            let text = value.as_str().ok_or_else(|| bad("values must be strings"))?;
            if key.chars().count() > key_length || text.chars().count() > value_length {
                return Err(bad("keys have at most 40 characters, values at most 500"));
            }
            if !text.is_empty() {
                metadata.insert(key.clone(), Value::from(text));
            }
        }
        Ok(Value::Object(metadata))
    }

    /// Refuses parameters that the call does not have at any depth, and values that they may not have.
    pub(super) fn shaped(&self, schema: Schema) -> Result<(), Box<Refusal>> {
        schema::check(schema, self.root)
    }

    /// Refuses parameters that the call does not have.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Box<Refusal>> {
        let given = self.root.as_object().into_iter().flat_map(Map::keys);
        match given.into_iter().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Refusal::unknown_parameter(name)),
            None => Ok(()),
        }
    }
}

pub(super) fn bracketed(name: &str) -> String {
    let mut pieces = name.split('/');
    let head = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(head, |name, piece| format!("{name}[{piece}]"))
}
