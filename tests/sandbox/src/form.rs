//! Form encoding with brackets (`line_items[0][quantity]=1`), as Stripe's bodies and queries are written.

use serde_json::{Map, Value};

const MAX_DEPTH: usize = 12;

/// The decoded pairs of a form or query, in order.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// A form as nested JSON: objects and arrays of strings. Errors are sentences for the caller.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    nest(pairs(text))
}

/// Pairs with bracketed names as nested JSON.
pub(crate) fn nest(pairs: Vec<(String, String)>) -> Result<Value, String> {
    let mut root = Map::new();
    for (name, value) in pairs {
        let steps = steps(&name)?;
        insert(&mut root, &steps, value).map_err(|()| format!("Invalid parameter: {name}"))?;
    }
    Ok(arrays(Value::Object(root)))
}

fn steps(name: &str) -> Result<Vec<&str>, String> {
    let bad = || format!("Invalid parameter name: {name}");
    let Some(open) = name.find('[') else {
        return Ok(vec![name]);
    };
    let (head, rest) = name.split_at(open);
    let inner = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or_else(bad)?;
    let mut steps = vec![head];
    steps.extend(inner.split("]["));
    if head.is_empty() || steps.len() > MAX_DEPTH {
        return Err(bad());
    }
    Ok(steps)
}

fn insert(object: &mut Map<String, Value>, steps: &[&str], value: String) -> Result<(), ()> {
    let (first, rest) = steps.split_first().ok_or(())?;
    // `expand[]=a&expand[]=b`: an empty index means the next one
    let key = if first.is_empty() { object.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        return match object.insert(key, Value::String(value)) {
            Some(Value::Object(_)) => Err(()),
            _ => Ok(()),
        };
    }
    match object.entry(key).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => insert(inner, rest, value),
        _ => Err(()),
    }
}

/// Objects whose keys are 0..n become arrays.
fn arrays(value: Value) -> Value {
    let Value::Object(object) = value else {
        return value;
    };
    let count = object.len();
    let indexed = count > 0 && (0..count).all(|index| object.contains_key(&index.to_string()));
    let mut object: Map<String, Value> =
        object.into_iter().map(|(key, value)| (key, arrays(value))).collect();
    if !indexed {
        return Value::Object(object);
    }
    Value::Array((0..count).filter_map(|index| object.remove(&index.to_string())).collect())
}

/// Percent-decoding with `+` as a space; a broken escape stays as written.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = match byte {
            b'%' => bytes.get(at + 1..at + 3).and_then(|pair| hex::decode(pair).ok()),
            _ => None,
        };
        match escaped {
            Some(decoded) => {
                out.extend(decoded);
                at += 3;
            }
            None => {
                out.push(if *byte == b'+' { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn brackets_become_objects_and_arrays() {
        let body = "mode=payment&line_items[0][price_data][unit_amount]=10000\
                    &metadata%5Border%5D=a+b%C3%A9&expand[]=customer";
        let expected = json!({
            "mode": "payment",
            "line_items": [{"price_data": {"unit_amount": "10000"}}],
            "metadata": {"order": "a bé"},
            "expand": ["customer"],
        });
        assert_eq!(parse(body), Ok(expected));
        assert!(parse("a[b=1").is_err());
        assert!(parse("a[b]=1&a=2").is_err());
    }
}
