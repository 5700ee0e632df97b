//! What is delivered of a person: packages and fields.

use serde_json::{Map, Value, json};

use super::people::Person;

/// Package names that a contract may hold. Which fields each holds is this sandbox's choice.
const PACKAGES: [&str; 15] = [
    "core_v1",
    "standard_v3",
    "enhanced_v2",
    "direct_mail_v1",
    "email_v2",
    "emails_v2",
    "cell_phones_v1",
    "cell_phones_v2",
    "landline_phones_v1",
    "property_v1",
    "interests_v2",
    "generations_v2",
    "vehicles_v2",
    "marketing_location_v1",
    "core_v2",
];

/// Which parts of a record are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    household: bool,
    property: bool,
    zips_as_numbers: bool,
}

impl Wanted {
    /// Reads package names; the error is a sentence. None at all means everything.
    pub(super) fn read<'a>(packages: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let packages: Vec<&str> = packages.collect();
        if let Some(unknown) = packages.iter().find(|name| !PACKAGES.contains(name)) {
            return Err(format!("Unknown package: {unknown}"));
        }
        let any = |names: &[&str]| packages.is_empty() || packages.iter().any(|name| names.contains(name));
        Ok(Self {
            household: any(&["standard_v3", "enhanced_v2"]),
            property: any(&["enhanced_v2", "property_v1"]),
            zips_as_numbers: false,
        })
    }

    pub(super) fn with_zips_as_numbers(self, zips_as_numbers: bool) -> Self {
        Self { zips_as_numbers, ..self }
    }
}

/// One record. Name and postal address are in every package.
pub(super) fn document(index: u32, wanted: Wanted) -> Value {
    let person = Person::new(index);
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| {
        document.insert(name.to_owned(), value);
    };
    put("person_id", Value::from(person.person_id()));
    put("family_id", Value::from(person.family_id()));
    put("first_name", Value::from(person.first_name()));
    put("last_name", Value::from(person.last_name()));
    put("gender", Value::from(person.gender()));
    put("age", Value::from(person.age()));
    put("street", Value::from(person.street()));
    put("city", Value::from(person.city()));
    put("state", Value::from(person.state()));
    put(
        "postal_code",
        match wanted.zips_as_numbers {
            true => Value::from(person.zip()),
            false => Value::from(format!("{:05}", person.zip())),
        },
    );
    if wanted.household {
        put("estimated_married", Value::from(person.married()));
        put("estimated_head_of_family", Value::from(person.is_head()));
        let family = json!({
            "estimated_income": person.income(),
            "home_owner": person.home_owner(),
            "adult_count": person.adults(),
            "child_count": person.children(),
            "member_count": person.adults() + person.children(),
        });
        put("family", family);
    }
    if wanted.property {
        put("real_estate", json!({"estimated_home_value": person.home_value()}));
    }
    Value::Object(document)
}

/// The record cut down to the fields named; an empty list leaves it whole. Names may be dotted.
pub(super) fn only(document: Value, fields: &[String]) -> Value {
    if fields.is_empty() {
        return document;
    }
    let mut cut = json!({});
    for field in fields {
        let found = document.pointer(&format!("/{}", field.replace('.', "/")));
        match (field.split_once('.'), found) {
            (Some((group, name)), Some(value)) => cut[group][name] = value.clone(),
            (None, Some(value)) => cut[field] = value.clone(),
            (_, None) => {}
        }
    }
    cut
}
