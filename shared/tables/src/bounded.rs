//! At most so many records of one kind open at once, for one owner.

use crate::{Backoff, Insert, Key, Record, Replace, Stored, TableFailure, Together, WorkTable, WorkWrite};
use serde::{Deserialize, Serialize};

/// What an owner may have open at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenBound {
    /// The name of the list, one for each kind.
    pub name: &'static str,
    /// How many.
    pub limit: usize,
}

/// What became of a record within a bound.
#[derive(Debug)]
pub enum Opened<T> {
    /// Written, with all that was to be written along with it.
    Done(Stored<T>),
    /// It stands already; nothing was written.
    Exists(Stored<T>),
    /// As many as may be are open; nothing was written.
    Full,
    /// Something that was to be written along has changed; nothing was written.
    Changed,
}

/// Which records of a partition were opened and, as far as anybody has looked, not ended.
///
/// It is written in the transaction that writes the record, and nothing else ever takes a name out of it but the next
/// look at the records themselves: whatever ends a record, and however a process dies, no place stays taken.
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
    /// Inserts a record, and carries out `along`, all or none, if fewer than the bound's limit are open in the record's
    /// partition. The decision holds under concurrent callers: the list is replaced only as it was read. Only when it
    /// is full are its records read, to see which have ended by `is_open`.
    ///
    /// # Errors
    /// [`TableFailure`]; after [`TableFailure::Unknown`] the record may stand.
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

    /// A record of what may be computed or asked for anew at any time: written in place of an earlier one, whoever
    /// wrote that. When two write at once, one of them stays.
    ///
    /// # Errors
    /// [`TableFailure`]; after [`TableFailure::Unknown`] it may stand.
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
