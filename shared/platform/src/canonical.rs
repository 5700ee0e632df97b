//! One spelling for all JSON bodies with the same content: members sorted, no blanks, strings written one way.
//! Numbers keep their own text, since reading them as floats would make different amounts equal.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Deeper nesting could exhaust the stack by the recursion below.
const DEPTH_MAX: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not JSON, or nested too deeply")]
pub struct NotCanonical;

/// The canonical text of a JSON document; of an empty body, an empty text.
pub fn canonical(body: &[u8]) -> Result<String, NotCanonical> {
    let mut out = String::new();
    if !body.trim_ascii().is_empty() {
        let raw: &RawValue = serde_json::from_slice(body).map_err(|_| NotCanonical)?;
        write(raw, DEPTH_MAX, &mut out)?;
    }
    Ok(out)
}

fn write(raw: &RawValue, depth: usize, out: &mut String) -> Result<(), NotCanonical> {
    let depth = depth.checked_sub(1).ok_or(NotCanonical)?;
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> =
                serde_json::from_str(text).map_err(|_| NotCanonical)?;
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                separate(index, out);
                quote(&name, out)?;
                out.push(':');
                write(value, depth, out)?;
            }
            out.push('}');
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| NotCanonical)?;
            out.push('[');
            for (index, item) in items.into_iter().enumerate() {
                separate(index, out);
                write(item, depth, out)?;
            }
            out.push(']');
        }
        Some(b'"') => {
            let string: String = serde_json::from_str(text).map_err(|_| NotCanonical)?;
            quote(&string, out)?;
        }
        _ => out.push_str(text),
    }
    Ok(())
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

fn quote(text: &str, out: &mut String) -> Result<(), NotCanonical> {
    out.push_str(&serde_json::to_string(text).map_err(|_| NotCanonical)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_blanks_and_escapes_do_not_matter_and_content_does() {
        let one = canonical(br#"{"b": [1, {"y":null,"x":"A"}], "a": "299.00"}"#).unwrap();
        assert_eq!(one, r#"{"a":"299.00","b":[1,{"x":"A","y":null}]}"#);
        assert_eq!(canonical(br#" {"\u0061":"299.00","b":[1,{"x":"\u0041","y":null}]} "#).unwrap(), one);
        assert_ne!(canonical(br#"{"a":"299.00","b":[{"x":"A","y":null},1]}"#).unwrap(), one);
    }

    #[test]
    fn numbers_are_not_rounded_into_each_other() {
        assert_ne!(canonical(b"10000000000000000000000.01"), canonical(b"10000000000000000000000.02"));
    }

    #[test]
    fn empty_bodies_are_one_and_others_are_refused() {
        assert_eq!(canonical(b"").unwrap(), canonical(b" \n").unwrap());
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(canonical(deep(32).as_bytes()).is_ok());
        for bad in [deep(33), deep(100_000), "{".into(), "nul".into(), "{} {}".into(), "\u{0}".into()] {
            assert_eq!(canonical(bad.as_bytes()), Err(NotCanonical));
        }
    }
}
