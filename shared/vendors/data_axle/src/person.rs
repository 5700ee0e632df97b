//! The fields of a person that a postcard needs. Nothing else that Data Axle sends is read.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// A person with a mailing address. Personal data: its Debug shows the id only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Data Axle's id, by which a person delivered twice is recognised.
    #[serde(deserialize_with = "id")]
    pub person_id: String,
    /// The household.
    #[serde(default, deserialize_with = "id_or_none")]
    pub family_id: Option<String>,
    #[serde(default)]
    pub first_name: Option<String>,
    #[serde(default)]
    pub last_name: Option<String>,
    /// Street and number, in one line.
    #[serde(default)]
    pub street: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    /// Two letters.
    #[serde(default)]
    pub state: Option<String>,
    /// ZIP code, with the leading zeros that a number lacks.
    #[serde(default, deserialize_with = "zip_or_none")]
    pub postal_code: Option<String>,
}

impl fmt::Debug for Person {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Person").field("person_id", &self.person_id).finish_non_exhaustive()
    }
}

/// Ids are opaque texts, but a vendor may write one as a number.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = id_or_none(deserializer)?.filter(|id| !id.is_empty());
    id.ok_or_else(|| serde::de::Error::custom("a person without an id"))
}

fn id_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Null => Ok(None),
        serde_json::Value::String(text) => Ok(Some(text)),
        serde_json::Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(serde::de::Error::custom("neither a text nor a number")),
    }
}

fn zip_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Null => Ok(None),
        serde_json::Value::String(text) => Ok(Some(text)),
        serde_json::Value::Number(number) => {
            let text = number.to_string();
            Ok(Some(format!("{:0>5}", text.strip_suffix(".0").unwrap_or(&text))))
        }
        _ => Err(serde::de::Error::custom("neither a text nor a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: &str = r#"{"person_id":"p1","family_id":77,"first_name":"Ana","last_name":"Ruiz",
        "street":"1 Main St",
        "city":"Tampa","state":"FL","postal_code":"33602","emails":[{"address":"ana@example.com"}],
        "extra":null}"#;

    #[test]
    fn a_person_is_read_and_what_is_not_needed_is_dropped() {
        let person: Person = serde_json::from_str(ANA).unwrap();
        assert_eq!((person.person_id.as_str(), person.family_id.as_deref()), ("p1", Some("77")));
        assert_eq!(person.street.as_deref(), Some("1 Main St"));
        let stored = serde_json::to_string(&person).unwrap();
        assert!(!stored.contains("ana@example.com"));
        assert_eq!(serde_json::from_str::<Person>(&stored).unwrap(), person);
    }

    #[test]
    fn a_person_without_an_id_is_refused() {
        for body in ["{}", r#"{"person_id":null}"#, r#"{"person_id":""}"#, r#"{"person_id":[]}"#] {
            assert!(serde_json::from_str::<Person>(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_zip_code_as_a_number_has_its_leading_zeros() {
        for (written, zip) in
            [("2108", "02108"), ("501.0", "00501"), ("33602", "33602"), ("\"02108\"", "02108")]
        {
            let body = format!(r#"{{"person_id":"p1","postal_code":{written}}}"#);
            let person: Person = serde_json::from_str(&body).unwrap();
            assert_eq!(person.postal_code.as_deref(), Some(zip), "{written}");
        }
    }

    #[test]
    fn debug_shows_the_id_only() {
        let person: Person = serde_json::from_str(ANA).unwrap();
        assert_eq!(format!("{person:?}"), r#"Person { person_id: "p1", .. }"#);
    }
}
