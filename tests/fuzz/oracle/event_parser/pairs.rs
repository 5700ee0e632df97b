//! A JSON object as it is written: every field with the text of its value, in order, also one that stands twice.
//!
//! A reader answers `None` where the event cannot be decoded: the value is of another kind, or stands there twice.

use std::collections::BTreeMap;
use std::fmt::Formatter;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The fields of an object.
pub struct Pairs(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Pairs;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl Pairs {
    /// Those of a text that is an object and nothing else.
    pub fn of(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The text of a field's value; inside, `None` where there is no such field.
    pub fn raw(&self, name: &str) -> Option<Option<&str>> {
        let mut found = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.get());
        let value = found.next();
        if found.next().is_some() { None } else { Some(value) }
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str((self.raw(name)?)?).ok()
    }

    /// A field that may be absent or null.
    fn read_or_null<T: DeserializeOwned>(&self, name: &str) -> Option<Option<T>> {
        match self.raw(name)? {
            None | Some("null") => Some(None),
            Some(_) => self.read(name).map(Some),
        }
    }

    /// A text that must be there.
    pub fn text(&self, name: &str) -> Option<String> {
        self.read(name)
    }

    /// A text that may be absent or null.
    pub fn text_or_null(&self, name: &str) -> Option<Option<String>> {
        self.read_or_null(name)
    }

    /// True or false, and nothing else.
    pub fn truth(&self, name: &str) -> Option<bool> {
        match self.raw(name)?? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// A whole number, by its digits: no fraction, no exponent, not more than fits.
    pub fn integer(&self, name: &str) -> Option<i64> {
        digits(self.raw(name)??)
    }

    /// A whole number that may be absent or null.
    pub fn integer_or_null(&self, name: &str) -> Option<Option<i64>> {
        match self.raw(name)? {
            None | Some("null") => Some(None),
            Some(text) => digits(text).map(Some),
        }
    }

    /// A whole number that is 0 where it is absent; null is none.
    pub fn integer_or_zero(&self, name: &str) -> Option<i64> {
        self.raw(name)?.map_or(Some(0), digits)
    }

    /// A word of a vocabulary, as the crate reads it and writes it back; may be absent or null.
    pub fn word_or_null<T: DeserializeOwned>(
        &self,
        name: &str,
        written: impl Fn(&T) -> &str,
    ) -> Option<Option<T>> {
        let Some(text) = self.text_or_null(name)? else { return Some(None) };
        let word = serde_json::from_value(text.clone().into()).expect("every text is a word");
        assert_eq!(written(&word), text, "a word is changed");
        Some(Some(word))
    }

    /// A word that must be there.
    pub fn word<T: DeserializeOwned>(&self, name: &str, written: impl Fn(&T) -> &str) -> Option<T> {
        self.word_or_null(name, written)?
    }

    /// An id, or the id of the whole object that stands there; may be absent or null.
    pub fn reference(&self, name: &str) -> Option<Option<String>> {
        match self.read_or_null(name)? {
            None => Some(None),
            Some(serde_json::Value::String(id)) => Some(Some(id)),
            Some(serde_json::Value::Object(object)) => Some(Some(object.get("id")?.as_str()?.to_owned())),
            Some(_) => None,
        }
    }

    /// Texts by name; may be absent or null.
    pub fn metadata(&self, name: &str) -> Option<BTreeMap<String, String>> {
        Some(self.read_or_null(name)?.unwrap_or_default())
    }

    /// An object that may be absent or null.
    pub fn object(&self, name: &str) -> Option<Option<Pairs>> {
        self.read_or_null(name)
    }

    /// A list of objects that may be absent or null.
    pub fn objects(&self, name: &str) -> Option<Vec<Pairs>> {
        Some(self.read_or_null(name)?.unwrap_or_default())
    }

    /// The object written anew: last field first, `extra` before and after them, one value replaced.
    pub fn reversed(&self, replaced: Option<(&str, &str)>, extra: &str) -> String {
        let pairs = self.0.iter().rev().map(|(name, value)| {
            let value = replaced.filter(|(key, _)| key == name).map_or(value.get(), |(_, value)| value);
            format!("{}: {value}", serde_json::Value::from(name.as_str()))
        });
        let other = extra.replace("zz_", "aa_");
        let all: Vec<String> = std::iter::once(extra.to_owned()).chain(pairs).chain([other]).collect();
        format!("{{\n{}\r\n\t}}", all.join(" ,"))
    }
}

/// A number of JSON that is whole and fits, by its digits. `-0` is none: JSON has it, money has not.
fn digits(text: &str) -> Option<i64> {
    let figures = text.strip_prefix('-').unwrap_or(text);
    if figures.is_empty() || !figures.bytes().all(|byte| byte.is_ascii_digit()) || text == "-0" {
        return None;
    }
    i64::try_from(text.parse::<i128>().ok()?).ok()
}
