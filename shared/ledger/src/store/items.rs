//! The item forms of accounts, entries, holds and causes. Hashes are bytes, money is text.

use super::keys;
use crate::{Account, Cause, CauseKind, Crossing, Entry, Failure, Hash, Hold, Receipt, Recorded, Watch};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tables::{Item, Key, Lane, due_attributes};
use terms::{Fingerprint, OrganizationId};

const ORGANIZATION: &str = "organization";

fn damaged(what: &str, why: impl std::fmt::Display) -> Failure {
    Failure::Damaged(format!("{what}: {why}"))
}

fn to_item<T: Serialize>(what: &str, value: &T, key: &Key) -> Result<Item, Failure> {
    let mut item: Item =
        serde_dynamo::aws_sdk_dynamodb_1::to_item(value).map_err(|why| damaged(what, why))?;
    item.extend(key.to_item());
    Ok(item)
}

fn from_item<T: DeserializeOwned>(what: &str, item: Item) -> Result<T, Failure> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(|why| damaged(what, why))
}

fn hash_in(item: &Item, name: &str) -> Result<Hash, Failure> {
    item.get(name)
        .and_then(|value| value.as_b().ok())
        .and_then(|bytes| bytes.as_ref().try_into().ok())
        .map(Hash)
        .ok_or_else(|| damaged(name, "not a hash"))
}

fn bytes(hash: Hash) -> AttributeValue {
    AttributeValue::B(Blob::new(hash.0))
}

pub(super) fn account_item(account: &Account) -> Result<Item, Failure> {
    let key = keys::account(&account.organization);
    let mut item = to_item("account", account, &key)?;
    item.insert("head".to_owned(), bytes(account.head));
    if let Some(due_at) = account.next_expiry() {
        item.extend(due_attributes(Lane::Sweeper, &key, due_at));
    }
    Ok(item)
}

pub(super) fn account_of(item: Item) -> Result<Account, Failure> {
    if item.keys().all(|name| matches!(name.as_str(), "pk" | "sk" | "watch")) {
        return levels_alone(item);
    }
    let head = hash_in(&item, "head")?;
    let account: Account = from_item("account", item)?;
    Ok(Account { head, ..account })
}

/// Levels that were set before the first entry: setting levels writes no other attribute of an account.
fn levels_alone(item: Item) -> Result<Account, Failure> {
    #[derive(Deserialize)]
    struct Levels {
        #[serde(default)]
        watch: Watch,
    }
    let organization = keys::organization_of(&item).and_then(|id| OrganizationId::parse(id).ok());
    let organization = organization.ok_or_else(|| damaged("account", "no organization"))?;
    let levels: Levels = from_item("account", item)?;
    Ok(Account { watch: levels.watch, ..Account::empty(organization) })
}

/// The organization is in the key alone: with it twice, a settle of six lots would not fit into 1 KB.
pub(super) fn entry_item(entry: &Entry) -> Result<Item, Failure> {
    let mut item = to_item("entry", entry, &keys::entry(&entry.organization, entry.seq))?;
    item.remove(ORGANIZATION);
    item.insert("previousHash".to_owned(), bytes(entry.previous_hash));
    item.insert("hash".to_owned(), bytes(entry.hash));
    Ok(item)
}

pub(super) fn entry_of(mut item: Item) -> Result<Entry, Failure> {
    let organization = keys::organization_of(&item).map(str::to_owned);
    let organization = organization.ok_or_else(|| damaged("entry", "no organization"))?;
    item.insert(ORGANIZATION.to_owned(), AttributeValue::S(organization));
    let (previous_hash, hash) = (hash_in(&item, "previousHash")?, hash_in(&item, "hash")?);
    let entry: Entry = from_item("entry", item)?;
    Ok(Entry { previous_hash, hash, ..entry })
}

/// Due at once, for the sweeper to pass on.
pub(super) fn crossing_item(crossing: &Crossing) -> Result<Item, Failure> {
    let key = keys::crossing(crossing);
    let mut item = to_item("crossing", crossing, &key)?;
    item.extend(due_attributes(Lane::Sweeper, &key, crossing.at));
    Ok(item)
}

pub(super) fn crossing_of(item: Item) -> Result<Crossing, Failure> {
    from_item("crossing", item)
}

pub(super) fn hold_item(hold: &Hold) -> Result<Item, Failure> {
    to_item("hold", hold, &keys::hold(&hold.organization, &hold.id))
}

pub(super) fn hold_of(item: Item) -> Result<Hold, Failure> {
    from_item("hold", item)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CauseItem {
    fingerprint: Fingerprint,
    kind: CauseKind,
    receipt: Receipt,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

pub(super) fn cause_item(cause: &Cause, recorded: &Recorded) -> Result<Item, Failure> {
    let value = CauseItem {
        fingerprint: recorded.fingerprint.clone(),
        kind: cause.kind,
        receipt: recorded.receipt.clone(),
        answer: recorded.receipt.answer.as_ref().map(ToString::to_string),
    };
    to_item("cause", &value, &keys::cause(cause))
}

pub(super) fn recorded_of(item: Item) -> Result<Recorded, Failure> {
    let value: CauseItem = from_item("cause", item)?;
    let answer = value.answer.as_deref().map(serde_json::from_str).transpose();
    let answer = answer.map_err(|why| damaged("cause answer", why))?;
    Ok(Recorded { fingerprint: value.fingerprint, receipt: Receipt { answer, ..value.receipt } })
}
