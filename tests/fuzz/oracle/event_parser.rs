//! What must hold of `event::parse` for any body.
//!
//! Shared by the fuzz target and by the replay in the client's tests. Everything that an event must say is read here a
//! second time, field by field from the text of the JSON, and compared as a whole: a field that is lost, defaulted,
//! rounded or taken from elsewhere shows, and so does a body that is refused without need. Must not use the code under
//! test to find out what is right.

#[path = "event_parser/facts.rs"]
mod facts;
#[path = "event_parser/pairs.rs"]
mod pairs;

use pairs::Pairs;
use stripe_client::event::{Event, Fact, NotAnEvent, TYPES, parse};

/// Nesting from here on is not compared: serde_json stops at 128 levels, counted from where it began to read.
const NESTING_MAX: usize = 100;

/// How a body was answered, in one word for statistics: an event's type, or why it says nothing to us.
pub fn check(body: &[u8]) -> String {
    let answer = parse(body);
    assert_eq!(answer, parse(body), "the same again");
    match std::str::from_utf8(body) {
        Ok(text) => {
            if nesting(text) < NESTING_MAX {
                assert_eq!(answer, expected(text), "the other reading differs");
            }
        }
        // what is not text may stand in a field that nobody reads, or make the whole unreadable
        Err(_) => assert!(
            answer == Err(NotAnEvent::Malformed) || answer == expected(&String::from_utf8_lossy(body)),
            "read otherwise than without the bytes that are no text"
        ),
    }
    match answer {
        Err(NotAnEvent::Thin) => "thin".to_owned(),
        Err(NotAnEvent::Malformed) => "malformed".to_owned(),
        Ok(event) => {
            cut_or_prolonged(body);
            told_in_other_words(body, &event);
            match event.fact {
                Fact::Unknown => {
                    assert!(!TYPES.contains(&event.kind.as_str()), "{} is not read", event.kind);
                    "unknown".to_owned()
                }
                Fact::Undecodable => {
                    assert!(TYPES.contains(&event.kind.as_str()), "{} is read", event.kind);
                    "undecodable".to_owned()
                }
                _ => event.kind,
            }
        }
    }
}

/// The event that a body tells of, read in the plainest way.
fn expected(text: &str) -> Result<Event, NotAnEvent> {
    let envelope = Pairs::of(text).ok_or(NotAnEvent::Malformed)?;
    match envelope.text("object").as_deref() {
        Some("event") => event(&envelope).ok_or(NotAnEvent::Malformed),
        Some("v2.core.event") => Err(NotAnEvent::Thin),
        _ => Err(NotAnEvent::Malformed),
    }
}

fn event(envelope: &Pairs) -> Option<Event> {
    let kind = envelope.text("type")?;
    let object = envelope.object("data")??.raw("object")??.to_owned();
    let fact = if TYPES.contains(&kind.as_str()) {
        Pairs::of(&object).and_then(|object| facts::fact(&kind, &object)).unwrap_or(Fact::Undecodable)
    } else {
        Fact::Unknown
    };
    Some(Event {
        id: envelope.text("id")?,
        kind,
        created: envelope.integer("created")?,
        livemode: envelope.truth("livemode")?,
        api_version: envelope.text_or_null("api_version")?,
        object: Pairs::of(&object).and_then(|object| object.text("id")),
        fact,
    })
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

/// The same event with its fields in another order, with space between them, and with fields that nobody knows:
/// nothing of it may be read otherwise.
fn told_in_other_words(body: &[u8], event: &Event) {
    let Some(envelope) = std::str::from_utf8(body).ok().and_then(Pairs::of) else { return };
    let Some(Some(data)) = envelope.object("data") else { return };
    let Some(Some(object)) = data.raw("object") else { return };
    let extra = r#" "zz_unknown" : {"id":[7,"x"],"object":"event"} "#;
    let object = match Pairs::of(object) {
        Some(pairs) => pairs.reversed(None, extra),
        None => object.to_owned(),
    };
    let data = data.reversed(Some(("object", &object)), extra);
    let again = envelope.reversed(Some(("data", &data)), extra);
    assert_eq!(parse(again.as_bytes()).as_ref(), Ok(event), "written in other words: {again}");
}

/// How deep brackets stand in each other at most; those within texts are counted, too.
fn nesting(text: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}
