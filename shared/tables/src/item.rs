//! Records and their items.

use crate::TableFailure;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;
use terms::{Timestamp, shard_of};

pub type Item = HashMap<String, AttributeValue>;

/// The sparse index of the records' next checks: `dueShard`, `dueAt`.
pub const DUE_INDEX: &str = "due";

/// Which process checks a due record. Each has its own shards of the index, so that neither reads the other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The sweeper, each minute.
    Sweeper,
    /// Recovery: what only Stripe can answer.
    Recovery,
}

impl Lane {
    /// The partition of the due index for one of the eight shards.
    #[must_use]
    pub fn shard(self, shard: u8) -> String {
        match self {
            Self::Sweeper => shard.to_string(),
            Self::Recovery => format!("stripe-{shard}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// As the key attributes of a request.
    #[must_use]
    pub fn to_item(&self) -> Item {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// A business record of the `work` table.
pub trait Record: Serialize + DeserializeOwned + Clone {
    /// Stored as `kind`.
    const KIND: &'static str;

    const LANE: Lane = Lane::Sweeper;

    fn key(&self) -> Key;

    /// The record's next check; `None` keeps it out of the due index.
    fn due_at(&self) -> Option<Timestamp> {
        None
    }

    /// When DynamoDB may delete it.
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }
}

/// A record as read, with the version that a later write is conditioned on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    pub record: T,
    /// The number of the record's writes, from 1.
    pub version: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueItem {
    pub key: Key,
    /// [`Record::KIND`], so that one `match` in the process of each lane can handle every kind.
    pub kind: String,
    pub due_at: Timestamp,
}

/// The attributes that place an item in the due index.
#[must_use]
pub fn due_attributes(lane: Lane, key: &Key, due_at: Timestamp) -> [(String, AttributeValue); 2] {
    let shard = shard_of(&format!("{}/{}", key.pk, key.sk));
    [
        ("dueShard".to_owned(), AttributeValue::S(lane.shard(shard))),
        ("dueAt".to_owned(), AttributeValue::S(due_at.to_string())),
    ]
}

pub fn encode<T: Record>(record: &T, version: u64) -> Result<Item, TableFailure> {
    let mut item: Item = serde_dynamo::aws_sdk_dynamodb_1::to_item(record)
        .map_err(|source| TableFailure::Undecodable { kind: T::KIND, reason: source.to_string() })?;
    let key = record.key();
    item.extend(key.to_item());
    item.insert("kind".to_owned(), AttributeValue::S(T::KIND.to_owned()));
    item.insert("version".to_owned(), AttributeValue::N(version.to_string()));
    if let Some(due_at) = record.due_at() {
        item.extend(due_attributes(T::LANE, &key, due_at));
    }
    if let Some(expires_at) = record.expires_at() {
        item.insert("expiresAt".to_owned(), AttributeValue::N(expires_at.as_seconds().to_string()));
    }
    Ok(item)
}

/// Identifies one write. After a lost response it tells our own item from one that another writer left, even where
/// both wrote the same: two workers that take one lease in one millisecond do.
const WRITE_ID: &str = "writeId";

/// The item with a fresh [`WRITE_ID`].
pub(crate) fn named(mut item: Item) -> Item {
    item.insert(WRITE_ID.to_owned(), AttributeValue::S(format!("{:016x}", fastrand::u64(..))));
    item
}

/// Whether `found` was left by the very write that `item` was made for.
pub(crate) fn is_same_write(item: &Item, found: &Item) -> bool {
    item.get(WRITE_ID).is_some_and(|name| found.get(WRITE_ID) == Some(name))
}

/// Fails when the item is of another kind or lacks a field.
pub fn decode<T: Record>(item: Item) -> Result<Stored<T>, TableFailure> {
    let undecodable = |reason: String| TableFailure::Undecodable { kind: T::KIND, reason };
    let kind = item.get("kind").and_then(|value| value.as_s().ok()).map(String::as_str);
    if kind != Some(T::KIND) {
        return Err(undecodable(format!("the item is of kind {kind:?}")));
    }
    let version = item
        .get("version")
        .and_then(|value| value.as_n().ok())
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| undecodable("no version".to_owned()))?;
    let record = serde_dynamo::aws_sdk_dynamodb_1::from_item(item)
        .map_err(|source| undecodable(source.to_string()))?;
    Ok(Stored { record, version })
}

#[must_use]
pub fn key_of(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    Some(Key { pk: text("pk")?, sk: text("sk")? })
}
