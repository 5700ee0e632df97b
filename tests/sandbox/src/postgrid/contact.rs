//! Contacts: who a card goes to and who it comes from.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;

const KNOWN: [&str; 17] = [
    "firstName",
    "lastName",
    "companyName",
    "addressLine1",
    "addressLine2",
    "city",
    "provinceOrState",
    "postalOrZip",
    "country",
    "countryCode",
    "email",
    "phoneNumber",
    "jobTitle",
    "description",
    "metadata",
    "skipVerification",
    "forceVerifiedStatus",
];
/// Longest value of a field.
const MAX_LENGTH: usize = 200;

/// An address that holds this word is one that the vendor cannot verify.
const UNDELIVERABLE: &str = "undeliverable";

pub(super) struct New {
    pub(super) id: String,
    pub(super) live: bool,
    /// RFC 3339.
    pub(super) created_at: String,
}

/// Checks a contact and answers it as the vendor returns it. A saved contact is named by its id.
pub(super) fn read(value: &Value, role: &str, new: &New) -> Result<Value, Refusal> {
    let given = match value {
        Value::String(saved) if saved.starts_with("contact_") => {
            return Ok(json!({
                "id": saved, "object": "contact", "live": new.live, "addressStatus": "verified",
                "createdAt": new.created_at, "updatedAt": new.created_at,
            }));
        }
        Value::Object(given) => given,
        _ => {
            return Err(Refusal::invalid(&format!("{role} should be a contact or the id of one.")));
        }
    };
    check(given, role)?;
    let mut contact = given.clone();
    let country = text(given, "countryCode").to_ascii_uppercase();
    contact.insert("countryCode".to_owned(), Value::from(country));
    let mut contact = Value::Object(contact);
    let members = json!({
        "id": new.id, "object": "contact", "live": new.live, "addressStatus": "verified",
        "createdAt": new.created_at, "updatedAt": new.created_at,
    });
    for (name, value) in members.as_object().into_iter().flatten() {
        contact[name] = value.clone();
    }
    // addresses are looked up on live keys only; a card to one that fails is printed all the same
    let street = text(given, "addressLine1").to_lowercase();
    if new.live && !is_told(given, "skipVerification") && street.contains(UNDELIVERABLE) {
        let forced = is_told(given, "forceVerifiedStatus");
        contact["addressStatus"] = Value::from(if forced { "verified" } else { "failed" });
        contact["addressErrors"] = Value::from("line1: Street name was missing or could not be found");
    }
    Ok(contact)
}

fn check(given: &Map<String, Value>, role: &str) -> Result<(), Refusal> {
    let wrong = |what: &str| Err(Refusal::invalid(&format!("{role}.{what}")));
    if let Some(unknown) = given.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return wrong(&format!("{unknown} is not a field of a contact."));
    }
    for (name, value) in given {
        let plain = value.as_str().is_some_and(|text| text.len() <= MAX_LENGTH);
        if !plain && !matches!(name.as_str(), "metadata" | "skipVerification" | "forceVerifiedStatus") {
            return wrong(&format!("{name} should be a string of at most {MAX_LENGTH} characters."));
        }
    }
    if text(given, "firstName").is_empty() && text(given, "companyName").is_empty() {
        return wrong("firstName or companyName is required.");
    }
    if text(given, "addressLine1").is_empty() {
        return wrong("addressLine1 is required.");
    }
    let country = text(given, "countryCode");
    if country.len() != 2 || !country.chars().all(|letter| letter.is_ascii_alphabetic()) {
        return wrong("countryCode should be a two-letter country code.");
    }
    if country.eq_ignore_ascii_case("US") {
        let (state, zip) = (text(given, "provinceOrState"), text(given, "postalOrZip"));
        if !state.is_empty() && !is_state(state) {
            return wrong("provinceOrState should be a two-letter state.");
        }
        if !zip.is_empty() && !is_zip(zip) {
            return wrong("postalOrZip should be a ZIP code.");
        }
    }
    Ok(())
}

/// A flag, as JSON or as a form's text.
fn is_told(given: &Map<String, Value>, name: &str) -> bool {
    given.get(name).is_some_and(|value| *value == true || *value == "true")
}

fn is_state(text: &str) -> bool {
    text.len() == 2 && text.chars().all(|letter| letter.is_ascii_alphabetic())
}

fn is_zip(text: &str) -> bool {
    let digits =
        |text: &str, count: usize| text.len() == count && text.chars().all(|digit| digit.is_ascii_digit());
    match text.split_once('-') {
        Some((five, four)) => digits(five, 5) && digits(four, 4),
        None => digits(text, 5),
    }
}

fn text<'a>(given: &'a Map<String, Value>, name: &str) -> &'a str {
    given.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default()
}
