//! A limit on how many records of one kind are open at once in one partition.

use crate::{Backoff, Insert, Key, Record, Replace, Stored, TableFailure, Together, WorkTable, WorkWrite};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenBound {
    /// The name of the list of open records, one for each kind.
    pub name: &'static str,
    /// The most records that may be open at once.
    pub limit: usize,
}

/// The outcome of [`WorkTable::insert_bounded`].
#[derive(Debug)]
pub enum Opened<T> {
    /// Written, together with `along`.
    Done(Stored<T>),
    /// The record exists already; nothing was written.
    Exists(Stored<T>),
    /// The limit is reached; nothing was written.
    Full,
    /// A condition of `along` did not hold; nothing was written.
    Changed,
}

/// The records of a partition that were opened and, when last read, not ended.
///
/// It is written in the transaction that writes the record. A name leaves the list only when the records themselves
/// are read again: whatever ends a record, and however a process dies, no place stays taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpenList {
    partition: String,
    name: String,
    /// Sort keys.
    open: Vec<String>,
}

impl Record for OpenList {
    const KIND: &'static str = "open-list";

    fn key(&self) -> Key {
        Key::new(&self.partition, format!("OPEN#{}", self.name))
    }
}

impl WorkTable {
    /// Inserts a record together with `along`, all or none, if fewer than the bound's limit are open in the record's
    /// partition. Concurrent callers cannot pass the limit: the list is replaced only as it was read. Its records are
    /// read, to see by `is_open` which have ended, only when the list is full.
    pub async fn insert_bounded<T: Record>(
        &self,
        bound: OpenBound,
        record: &T,
        along: &[WorkWrite],
        is_open: impl Fn(&T) -> bool,
    ) -> Result<Opened<T>, TableFailure> {
        let key = record.key();
        let empty = OpenList { partition: key.pk.clone(), name: bound.name.to_owned(), open: Vec::new() };
        let mut backoff = Backoff::new();
        loop {
            let read = self.get::<OpenList>(&empty.key()).await?;
            let mut next = read.as_ref().map_or_else(|| empty.clone(), |read| read.record.clone());
            if next.open.len() >= bound.limit {
                next.open = self.still_open(&key.pk, next.open, &is_open).await?;
            }
            if next.open.len() >= bound.limit {
                return Ok(match self.get::<T>(&key).await? {
                    Some(stored) => Opened::Exists(stored),
                    None => Opened::Full,
                });
            }
            next.open.push(key.sk.clone());
            let list = match &read {
                Some(read) => WorkWrite::replace(read, &next)?,
                None => WorkWrite::insert(&next)?,
            };
            let mut writes = vec![WorkWrite::insert(record)?, list];
            writes.extend_from_slice(along);
            match self.write_together(&writes).await? {
                Together::Done => return Ok(Opened::Done(Stored { record: record.clone(), version: 1 })),
                Together::Refused { index: 0 } => {
                    if let Some(stored) = self.get::<T>(&key).await? {
                        return Ok(Opened::Exists(stored));
                    }
                }
                // another record of this owner was opened in between
                Together::Refused { index: 1 } => {}
                Together::Refused { .. } => return Ok(Opened::Changed),
            }
            if !backoff.again().await {
                return Err(TableFailure::Contended { operation: "TransactWriteItems" });
            }
        }
    }

    async fn still_open<T: Record>(
        &self,
        partition: &str,
        open: Vec<String>,
        is_open: impl Fn(&T) -> bool,
    ) -> Result<Vec<String>, TableFailure> {
        let mut still = Vec::new();
        for sort_key in open {
            let found = self.get::<T>(&Key::new(partition, &sort_key)).await?;
            if found.is_some_and(|found| is_open(&found.record)) {
                still.push(sort_key);
            }
        }
        Ok(still)
    }

    /// Writes a record that can be computed or fetched again at any time, over any earlier one. When two callers
    /// write at once, one of the two records stays.
    pub async fn remember<T: Record>(
        &self,
        earlier: Option<&Stored<T>>,
        next: &T,
    ) -> Result<(), TableFailure> {
        match earlier {
            Some(earlier) => {
                let _: Replace<T> = self.replace(earlier, next).await?;
            }
            None => {
                let _: Insert<T> = self.insert(next).await?;
            }
        }
        Ok(())
    }
}
