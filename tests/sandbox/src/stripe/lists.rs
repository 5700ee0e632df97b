//! Objects by id in the order they were made, and Stripe's cursor pages over them, newest first.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::{Outcome, Refusal};

const DEFAULT_LIMIT: i64 = 10;
const MAX_LIMIT: i64 = 100;

#[derive(Debug, Default)]
pub(super) struct Shelf {
    objects: Vec<Value>,
    places: HashMap<String, usize>,
}

impl Shelf {
    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Value> {
        self.objects.get(*self.places.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Value> {
        self.objects.get_mut(*self.places.get(id)?)
    }

    /// Adds an object under its own `id`.
    pub(super) fn put(&mut self, object: Value) {
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        self.places.insert(id, self.objects.len());
        self.objects.push(object);
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.objects.iter()
    }

    /// One page of those that `wanted` accepts, by `limit`, `starting_after`, `ending_before` and `created`.
    pub(super) fn page(&self, url: &str, params: &Params, wanted: impl Fn(&Value) -> bool) -> Outcome {
        let limit = params.integer("limit")?.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let message = format!("This value must be between 1 and {MAX_LIMIT}.");
            return Err(Refusal::coded("parameter_invalid_integer", message, "limit"));
        }
        let limit = usize::try_from(limit).unwrap_or_default();
        let place = |name: &str| match params.text(name) {
            None => Ok(None),
            Some(id) => match self.places.get(id) {
                Some(place) => Ok(Some(*place)),
                None => Err(Refusal::no_such("object", id, 400, name)),
            },
        };
        let (after, before) = (place("starting_after")?, place("ending_before")?);
        if after.is_some() && before.is_some() {
            let message = "You cannot use both `starting_after` and `ending_before`.".to_owned();
            return Err(Refusal::invalid(message, None));
        }
        let created = Created::read(params)?;
        let fits = |object: &&Value| created.holds(object) && wanted(object);
        let (mut data, has_more) = match before {
            // the page that ends just before: the oldest of the newer ones
            Some(place) => take(self.objects.iter().skip(place + 1).filter(fits), limit),
            None => {
                let older = after.unwrap_or(self.objects.len());
                take(self.objects.iter().take(older).rev().filter(fits), limit)
            }
        };
        if before.is_some() {
            data.reverse();
        }
        Ok(json!({"object": "list", "data": data, "has_more": has_more, "url": url}))
    }
}

fn take<'a>(found: impl Iterator<Item = &'a Value>, limit: usize) -> (Vec<Value>, bool) {
    let mut data: Vec<Value> = found.take(limit + 1).cloned().collect();
    let has_more = data.len() > limit;
    data.truncate(limit);
    (data, has_more)
}

/// `created=…` or `created[gt|gte|lt|lte]=…`, unix seconds.
struct Created {
    bounds: Vec<(&'static str, i64)>,
}

impl Created {
    fn read(params: &Params) -> Result<Self, Box<Refusal>> {
        let mut bounds = Vec::new();
        for (name, relation) in [
            ("created", "eq"),
            ("created/gt", "gt"),
            ("created/gte", "gte"),
            ("created/lt", "lt"),
            ("created/lte", "lte"),
        ] {
            if let Some(bound) = params.integer(name)? {
                bounds.push((relation, bound));
            }
        }
        Ok(Self { bounds })
    }

    fn holds(&self, object: &Value) -> bool {
        let created = object["created"].as_i64().unwrap_or_default();
        self.bounds.iter().all(|(relation, bound)| match *relation {
            "gt" => created > *bound,
            "gte" => created >= *bound,
            "lt" => created < *bound,
            "lte" => created <= *bound,
            _ => created == *bound,
        })
    }
}
