//! What must hold of `event::parse` for any body, without a second reading of it.
//!
//! Shared by the fuzz target and by the replay in the client's tests. Which field means what is held by the client's
//! own tests (`events.rs`, `samples.rs`). Must not use the code under test to find out what is right.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use stripe_client::event::{Event, Fact, NotAnEvent, TYPES, parse};

/// The answer to a body in one word, for statistics: an event's type, or why the body is no event.
pub fn check(body: &[u8]) -> String {
    let answer = parse(body);
    assert_eq!(answer, parse(body), "the same body is read in the same way");
    if std::str::from_utf8(body).is_err() {
        let readable = parse(String::from_utf8_lossy(body).as_bytes());
        assert!(
            answer == Err(NotAnEvent::Malformed) || answer == readable,
            "bytes that are no text are read"
        );
    }
    let event = match answer {
        Err(NotAnEvent::Thin) => return "thin".to_owned(),
        Err(NotAnEvent::Malformed) => return "malformed".to_owned(),
        Ok(event) => event,
    };
    assert_eq!(event.fact == Fact::Unknown, !TYPES.contains(&event.kind.as_str()), "{}", event.kind);
    cut_or_prolonged(body);
    numbers_stand_in_the_body(body, &event);
    reordered_and_extended(body, &event);
    match event.fact {
        Fact::Unknown => "unknown".to_owned(),
        Fact::Undecodable => "undecodable".to_owned(),
        _ => event.kind,
    }
}

/// An event without its end, or with something behind it, is none.
fn cut_or_prolonged(body: &[u8]) {
    let body = body.trim_ascii_end();
    for end in [0, 1, body.len() / 2, body.len() - 1] {
        assert_eq!(parse(&body[..end]), Err(NotAnEvent::Malformed), "only {end} bytes");
    }
    assert_eq!(parse(&[body, b"x"].concat()), Err(NotAnEvent::Malformed), "with something behind it");
    assert_eq!(parse(&[body, body].concat()), Err(NotAnEvent::Malformed), "twice");
}

/// No amount and no time is invented, rounded or cut off: each number of the fact stands in the body as it is, or is
/// the 0 of an absent field.
fn numbers_stand_in_the_body(body: &[u8], event: &Event) {
    let numbers = |text: &str| -> BTreeSet<String> {
        let runs = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "-._+".contains(letter)));
        runs.filter(|run| run.parse::<i64>().is_ok()).map(str::to_owned).collect()
    };
    let written = numbers(&String::from_utf8_lossy(body));
    for number in numbers(&format!("{:?} {}", event.fact, event.created)) {
        assert!(number == "0" || written.contains(&number), "{number} does not stand in the body");
    }
}

/// The same event with its fields in another order and with unknown ones is the same event. Only for bodies that
/// serde_json writes again in as many bytes: no field twice, no number that it changes, no space.
fn reordered_and_extended(body: &[u8], event: &Event) {
    let Ok(mut tree) = serde_json::from_slice::<Value>(body) else { return };
    if tree.to_string().len() != body.len() {
        return;
    }
    assert_eq!(parse(tree.to_string().as_bytes()).as_ref(), Ok(event), "in another order");
    for place in ["", "/data", "/data/object"] {
        let Some(Value::Object(fields)) = tree.pointer_mut(place) else { continue };
        fields.insert("aa_unknown".to_owned(), json!({"id": [7, "x"], "object": "event"}));
        fields.insert("zz_unknown".to_owned(), Value::Null);
    }
    assert_eq!(parse(tree.to_string().as_bytes()).as_ref(), Ok(event), "with unknown fields");
}
