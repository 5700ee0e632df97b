//! The `work` table: business records, read consistently and written under conditions.

use crate::{
    Backoff, DUE_INDEX, DueItem, Key, Lane, Record, Stored, TableFailure, TransactFailure, WorkWrite, decode,
    encode, is_contention,
    item::{Item, is_same_write, named},
    key_of, transact,
};
use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use futures::{StreamExt, TryStreamExt, future::try_join_all, stream};
use std::{collections::HashMap, fmt::Debug};
use terms::Timestamp;

/// Keys of one page of the due index.
const DUE_PAGE: usize = 1000;

/// How many inserts run at the same time.
const INSERTS_AT_ONCE: usize = 16;

#[derive(Debug)]
pub enum Insert<T> {
    Done(Stored<T>),
    /// The key was taken, by this record.
    Exists(Stored<T>),
}

#[derive(Debug)]
pub enum Replace<T> {
    Done(Stored<T>),
    /// Another writer came first: read again and decide again.
    Changed,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Together {
    Done,
    /// None was written, because the condition of the write at `index`, counted from 0, did not hold.
    Refused {
        index: usize,
    },
}

#[derive(Debug, Clone)]
pub struct WorkTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl WorkTable {
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// Reads consistently.
    pub async fn get<T: Record>(&self, key: &Key) -> Result<Option<Stored<T>>, TableFailure> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key.to_item()));
        let answer =
            request.consistent_read(true).send().await.map_err(|error| unavailable("GetItem", &error))?;
        answer.item.map(decode).transpose()
    }

    /// After [`TableFailure::Unknown`] the record may exist.
    pub async fn insert<T: Record>(&self, record: &T) -> Result<Insert<T>, TableFailure> {
        let item = named(encode(record, 1)?);
        match self.put_if(item, "attribute_not_exists(pk)", None).await? {
            None => Ok(Insert::Done(Stored { record: record.clone(), version: 1 })),
            Some(found) => Ok(Insert::Exists(decode(found)?)),
        }
    }

    /// Writes `next` if the record is still as read. After [`TableFailure::Unknown`] it may be written.
    pub async fn replace<T: Record>(&self, read: &Stored<T>, next: &T) -> Result<Replace<T>, TableFailure> {
        let version = read.version.saturating_add(1);
        let item = named(encode(next, version)?);
        match self.put_if(item, "version = :read", Some(read.version)).await? {
            None => Ok(Replace::Done(Stored { record: next.clone(), version })),
            Some(_) => Ok(Replace::Changed),
        }
    }

    /// `Some`: refused, with the item that is there.
    async fn put_if(
        &self,
        item: Item,
        condition: &str,
        version_read: Option<u64>,
    ) -> Result<Option<Item>, TableFailure> {
        let mut backoff = Backoff::new();
        loop {
            let values = version_read
                .map(|version| HashMap::from([(":read".to_owned(), AttributeValue::N(version.to_string()))]));
            let sent = self
                .client
                .put_item()
                .table_name(&self.name)
                .set_item(Some(item.clone()))
                .condition_expression(condition)
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
                .await;
            match sent {
                Ok(_) => return Ok(None),
                Err(error) => match refused(&error) {
                    // The response to an earlier attempt was lost, and that attempt did write.
                    Some(found) if is_same_write(&item, &found) => return Ok(None),
                    Some(found) => return Ok(Some(found)),
                    None if is_contention(error.code().unwrap_or("")) => {
                        if !backoff.again().await {
                            return Err(TableFailure::Contended { operation: "PutItem" });
                        }
                    }
                    None => return Err(unknown("PutItem", &error)),
                },
            }
        }
    }

    /// Reads a whole partition under a sort-key prefix, in key order, consistently.
    pub async fn list<T: Record>(&self, pk: &str, sk_prefix: &str) -> Result<Vec<Stored<T>>, TableFailure> {
        let mut records = Vec::new();
        let mut start = None;
        loop {
            // DynamoDB takes no empty prefix.
            let (condition, prefix) = match sk_prefix {
                "" => ("pk = :pk", None),
                prefix => ("pk = :pk AND begins_with(sk, :prefix)", Some(prefix.to_owned())),
            };
            let mut values = HashMap::from([(":pk".to_owned(), AttributeValue::S(pk.to_owned()))]);
            values.extend(prefix.map(|prefix| (":prefix".to_owned(), AttributeValue::S(prefix))));
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression(condition)
                .set_expression_attribute_values(Some(values))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| unavailable("Query", &error))?;
            for item in answer.items.unwrap_or_default() {
                records.push(decode(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(records);
            }
        }
    }

    /// The last `limit` records of a partition under a sort-key prefix, in falling key order, read consistently.
    pub async fn last<T: Record>(
        &self,
        pk: &str,
        sk_prefix: &str,
        limit: u32,
    ) -> Result<Vec<Stored<T>>, TableFailure> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .expression_attribute_values(":prefix", AttributeValue::S(sk_prefix.to_owned()))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(limit.clamp(1, 1000)).unwrap_or(1000))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        answer.items.unwrap_or_default().into_iter().map(decode).collect()
    }

    /// Inserts many records, a few at a time. A record that exists is left as it is: a late response must not undo
    /// what has been written since. After a failure some of the records may exist.
    pub async fn insert_all<T: Record>(&self, records: &[T]) -> Result<(), TableFailure> {
        let inserts = records.iter().map(|record| async move { self.insert(record).await.map(drop) });
        stream::iter(inserts).buffer_unordered(INSERTS_AT_ONCE).try_collect().await
    }

    /// All or none. After [`TableFailure::Unknown`] they may be written.
    pub async fn write_together(&self, writes: &[WorkWrite]) -> Result<Together, TableFailure> {
        const OPERATION: &str = "TransactWriteItems";
        let mut backoff = Backoff::new();
        let mut unsure: Option<String> = None;
        loop {
            let actions: Result<Vec<_>, _> = writes.iter().map(|write| write.to_action(&self.name)).collect();
            match transact(&self.client, actions?).await {
                Ok(()) => return Ok(Together::Done),
                Err(TransactFailure::Refused(at)) => {
                    let ours = at.iter().any(|refused| {
                        let write = writes.get(refused.index);
                        let found = refused.found.as_ref();
                        write.zip(found).is_some_and(|(write, found)| write.is_done_by(found))
                    });
                    // The write of an attempt whose response was lost refuses its own repetition.
                    if ours {
                        return Ok(Together::Done);
                    }
                    return Ok(Together::Refused { index: at.first().map_or(0, |refused| refused.index) });
                }
                Err(TransactFailure::Failed(code)) => {
                    return Err(TableFailure::Unavailable { operation: OPERATION, code });
                }
                Err(TransactFailure::Contended) => {}
                Err(TransactFailure::Unknown(why)) => unsure = Some(why),
            }
            if !backoff.again().await {
                return Err(match unsure {
                    Some(code) => TableFailure::Unknown { operation: OPERATION, code },
                    None => TableFailure::Contended { operation: OPERATION },
                });
            }
        }
    }

    /// What is due in the sweeper's lane; see [`Self::due_in`].
    pub async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<DueItem>, TableFailure> {
        self.due_in(Lane::Sweeper, now, limit).await
    }

    /// What is due in a lane at `now`: at most `limit` keys, the oldest of each shard. The index lags behind the
    /// table by moments: read the record before acting on it.
    pub async fn due_in(
        &self,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueItem>, TableFailure> {
        let per_shard = limit.div_ceil(8).max(1);
        let of_shard = |shard: u8| self.due_of_shard(lane.shard(shard), now, per_shard);
        let shards = try_join_all((0..8u8).map(of_shard)).await?;
        let mut due: Vec<DueItem> = shards.into_iter().flatten().collect();
        due.sort_by_key(|item| item.due_at);
        due.truncate(limit);
        Ok(due)
    }

    async fn due_of_shard(
        &self,
        shard: String,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueItem>, TableFailure> {
        let mut due = Vec::new();
        let mut start = None;
        loop {
            let left = limit.saturating_sub(due.len()).clamp(1, DUE_PAGE);
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .index_name(DUE_INDEX)
                .key_condition_expression("dueShard = :shard AND dueAt <= :now")
                .expression_attribute_values(":shard", AttributeValue::S(shard.clone()))
                .expression_attribute_values(":now", AttributeValue::S(now.to_string()))
                .limit(i32::try_from(left).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| unavailable("Query due", &error))?;
            due.extend(answer.items.unwrap_or_default().into_iter().filter_map(|item| {
                let due_at = Timestamp::parse(item.get("dueAt")?.as_s().ok()?).ok()?;
                let kind = item.get("kind").and_then(|kind| kind.as_s().ok()).cloned().unwrap_or_default();
                Some(DueItem { key: key_of(&item)?, kind, due_at })
            }));
            start = answer.last_evaluated_key;
            if start.is_none() || due.len() >= limit {
                return Ok(due);
            }
        }
    }
}

fn refused(error: &SdkError<PutItemError>) -> Option<Item> {
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(refused)) => {
            Some(refused.item().cloned().unwrap_or_default())
        }
        _ => None,
    }
}

fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::ServiceError(context) => context.err().code().unwrap_or("no code").to_owned(),
        SdkError::TimeoutError(_) => "time-out".to_owned(),
        SdkError::DispatchFailure(_) => "connection".to_owned(),
        _ => "unreadable answer".to_owned(),
    }
}

fn unavailable<E: ProvideErrorMetadata, R: Debug>(
    operation: &'static str,
    error: &SdkError<E, R>,
) -> TableFailure {
    TableFailure::Unavailable { operation, code: code_of(error) }
}

pub(crate) fn unknown<E: ProvideErrorMetadata, R: Debug>(
    operation: &'static str,
    error: &SdkError<E, R>,
) -> TableFailure {
    TableFailure::Unknown { operation, code: code_of(error) }
}
