//! A conditional write of the `work` table that joins a transaction.

use crate::{
    Item, Key, Record, Stored, TableFailure, encode,
    item::{is_same_write, named},
};
use aws_sdk_dynamodb::{
    error::BuildError,
    types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update},
};
use std::collections::HashMap;

/// Carried out together with a movement or with other writes of its kind.
#[derive(Debug, Clone)]
pub struct WorkWrite(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Insert { item: Item },
    Replace { item: Item, version_read: u64 },
    Add { key: Key, counters: Vec<(String, i64)> },
}

impl WorkWrite {
    /// A new record; refused when its key is taken.
    pub fn insert<T: Record>(record: &T) -> Result<Self, TableFailure> {
        Ok(Self(Kind::Insert { item: named(encode(record, 1)?) }))
    }

    /// `next` in place of the record as read; refused when another writer came first.
    pub fn replace<T: Record>(read: &Stored<T>, next: &T) -> Result<Self, TableFailure> {
        let item = named(encode(next, read.version.saturating_add(1))?);
        Ok(Self(Kind::Replace { item, version_read: read.version }))
    }

    /// Adds to numeric fields of a record that exists, and to its version.
    #[must_use]
    pub fn add(key: &Key, counters: &[(&str, i64)]) -> Self {
        let counters = counters.iter().map(|(name, by)| ((*name).to_owned(), *by)).collect();
        Self(Kind::Add { key: key.clone(), counters })
    }

    /// Whether `found` was left by this very write.
    pub(crate) fn is_done_by(&self, found: &Item) -> bool {
        match &self.0 {
            Kind::Insert { item } | Kind::Replace { item, .. } => is_same_write(item, found),
            Kind::Add { .. } => false,
        }
    }

    pub fn to_action(&self, table: &str) -> Result<TransactWriteItem, TableFailure> {
        let action = match &self.0 {
            Kind::Insert { item } => put(table, item, "attribute_not_exists(pk)", None),
            Kind::Replace { item, version_read } => put(table, item, "version = :read", Some(*version_read)),
            Kind::Add { key, counters } => add(table, key, counters),
        };
        action.map_err(|source| TableFailure::Undecodable { kind: "write", reason: source.to_string() })
    }
}

fn put(
    table: &str,
    item: &Item,
    condition: &str,
    version_read: Option<u64>,
) -> Result<TransactWriteItem, BuildError> {
    let values = version_read
        .map(|version| HashMap::from([(":read".to_owned(), AttributeValue::N(version.to_string()))]));
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item.clone()))
        .condition_expression(condition)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn add(table: &str, key: &Key, counters: &[(String, i64)]) -> Result<TransactWriteItem, BuildError> {
    let mut clauses = vec!["version :one".to_owned()];
    let mut names = HashMap::new();
    let mut values = HashMap::from([(":one".to_owned(), AttributeValue::N("1".to_owned()))]);
    for (at, (name, by)) in counters.iter().enumerate() {
        clauses.push(format!("#n{at} :v{at}"));
        names.insert(format!("#n{at}"), name.clone());
        values.insert(format!(":v{at}"), AttributeValue::N(by.to_string()));
    }
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(key.to_item()))
        .update_expression(format!("ADD {}", clauses.join(", ")))
        .condition_expression("attribute_exists(pk)")
        .set_expression_attribute_names((!names.is_empty()).then_some(names))
        .set_expression_attribute_values(Some(values))
        .build()?;
    Ok(TransactWriteItem::builder().update(update).build())
}
