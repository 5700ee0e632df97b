//! How bodies are mutated: mostly as trees, so that what comes out is JSON and reaches the readers behind the envelope;
//! now and then as bytes, so that what is not JSON is tried, too.

use fastrand::Rng;
use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Map, Value, json};
use stripe_client::event::TYPES;

/// Names that mean something somewhere; one that is missing where it is read cannot be guessed byte by byte.
const NAMES: &str = "id object type created livemode api_version data mode status payment_status amount \
    amount_subtotal amount_total amount_paid amount_received amount_refunded currency customer payment_intent \
    payment_method charge latest_charge latest_invoice metadata url client_reference_id expires_at \
    billing_reason parent subscription_details subscription status_transitions paid_at hosted_invoice_url \
    last_payment_error code receipt_url balance_transactions failure_reason reason";

/// Words of the vocabularies, and texts that look like something else.
const TEXTS: &str = "event v2.core.event usd eur paid unpaid no_payment_required complete open expired payment \
    subscription succeeded canceled requires_payment_method failed pending warning_needs_response lost \
    subscription_cycle 100 null é\u{0}\u{feff}";

/// Writes a mutation of `data[..size]` over it; its length.
pub fn mutated(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Rng::with_seed(u64::from(seed));
    if dice.u8(..8) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let Ok(mut tree) = serde_json::from_slice::<Value>(&data[..size]) else {
        return fuzzer_mutate(data, size, max_size);
    };
    for _ in 0..dice.usize(1..=3) {
        let (place, other) = (dice.usize(..count(&tree)), dice.usize(..count(&tree)));
        let spare = nth(&mut tree, other).cloned().unwrap_or_default();
        if let Some(node) = nth(&mut tree, place) {
            change(node, spare, &mut dice);
        }
    }
    let Ok(text) = serde_json::to_vec(&tree) else { return size };
    if text.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..text.len()].copy_from_slice(&text);
    text.len()
}

/// Changes one value; `spare` is another one of the same tree.
fn change(node: &mut Value, spare: Value, dice: &mut Rng) {
    match (&mut *node, dice.u8(..6)) {
        (Value::Object(fields), 0..=3) => change_object(fields, spare, dice),
        (Value::Array(list), 0..=1) => list.push(spare),
        (Value::Array(list), 2) => drop(list.pop()),
        (Value::Number(number), 0..=3) => {
            let number = number.as_i64().unwrap_or(i64::MAX);
            *node = match dice.u8(..6) {
                0 => json!(number.wrapping_neg()),
                1 => json!(number.wrapping_add(1)),
                2 => json!(number.wrapping_mul(256)),
                3 => json!(number.unsigned_abs()),
                4 => json!(number as f64 / 8.0),
                _ => json!(number.to_string()),
            };
        }
        (Value::String(text), 0..=2) if TYPES.contains(&text.as_str()) => {
            *text = (*any(TYPES, dice)).to_owned()
        }
        (Value::String(text), 0..=2) => *text = word(TEXTS, dice),
        // a reference may be the whole object
        (Value::String(text), 3) => *node = json!({"id": text, "receipt_url": "x"}),
        (_, 4) => *node = spare,
        _ => *node = scalar(dice),
    }
}

fn change_object(fields: &mut Map<String, Value>, spare: Value, dice: &mut Rng) {
    let names: Vec<String> = fields.keys().cloned().collect();
    let name = if names.is_empty() { "id".to_owned() } else { any(&names, dice).clone() };
    match dice.u8(..7) {
        // objects are large: more is taken away than added
        0..=2 => drop(fields.remove(&name)),
        3 => drop(fields.insert(word(NAMES, dice), spare)),
        4 => drop(fields.insert(word(NAMES, dice), scalar(dice))),
        5 => {
            let value = fields.remove(&name).unwrap_or_default();
            fields.insert(word(NAMES, dice), value);
        }
        _ => {
            // the values without their names
            let values = fields.values().cloned().collect();
            fields.insert(name, Value::Array(values));
        }
    }
}

fn scalar(dice: &mut Rng) -> Value {
    match dice.u8(..13) {
        0 => Value::Null,
        1 => json!(dice.bool()),
        2 => json!(0),
        3 => json!(dice.i64(-1000..1000)),
        4 => json!(i64::MAX),
        5 => json!(i64::MIN),
        6 => json!(u64::MAX),
        7 => json!(100.0),
        8 => json!([]),
        9 => json!({}),
        10 => json!([[dice.i64(..)]]),
        11 => json!(""),
        _ => json!(word(TEXTS, dice)),
    }
}

fn any<'a, T>(choices: &'a [T], dice: &mut Rng) -> &'a T {
    &choices[dice.usize(..choices.len())]
}

fn word(words: &str, dice: &mut Rng) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    (*any(&words, dice)).to_owned()
}

/// How many values a tree has, itself included.
fn count(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// The value of this number, counted as [`count`] does.
fn nth(tree: &mut Value, mut number: usize) -> Option<&mut Value> {
    if number == 0 {
        return Some(tree);
    }
    number -= 1;
    let inner: Box<dyn Iterator<Item = &mut Value>> = match tree {
        Value::Array(list) => Box::new(list.iter_mut()),
        Value::Object(fields) => Box::new(fields.values_mut()),
        _ => return None,
    };
    for value in inner {
        let size = count(value);
        if number < size {
            return nth(value, number);
        }
        number -= size;
    }
    None
}
