//! What DynamoDB said that requests cost: capacity, items written, and the time that the database itself
//! took.
//!
//! Off unless it is started; then every request asks for its consumed capacity, which the product's code does
//! not. Knows nothing of what records mean.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub pk: String,
    pub sk: String,
}

#[derive(Debug, Clone)]
pub struct MeteredCall {
    /// DynamoDB's name of it, `GetItem` for example.
    pub operation: String,
    /// Whether it was carried out; what was refused reports no capacity and wrote nothing.
    pub done: bool,
    pub written: Vec<Written>,
    /// Capacity units of the tables, reads or writes as the operation is; a transaction's factor is in it.
    pub table_units: Decimal,
    pub index_units: Decimal,
}

impl MeteredCall {
    /// Whether its units are read units.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(self.operation.as_str(), "GetItem" | "BatchGetItem" | "Query" | "Scan" | "TransactGetItems")
    }
}

#[derive(Debug, Default)]
struct State {
    on: bool,
    calls: Vec<MeteredCall>,
    inside: Duration,
}

/// Records requests while it is on. Clones share one record.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<State>>);

impl Meter {
    pub fn start(&self) {
        let mut state = self.state();
        state.on = true;
        state.calls.clear();
    }

    /// Records no more. Returns what was recorded, oldest first.
    #[must_use]
    pub fn stop(&self) -> Vec<MeteredCall> {
        let mut state = self.state();
        state.on = false;
        std::mem::take(&mut state.calls)
    }

    /// How long requests have spent inside the database so far, whether recorded or not.
    #[must_use]
    pub fn inside(&self) -> Duration {
        self.state().inside
    }

    /// Has a request carried out, and recorded where the meter is on.
    pub(crate) fn watch(
        &self,
        operation: &str,
        body: &str,
        carry_out: impl FnOnce(&str) -> (u16, String),
    ) -> (u16, String) {
        let started = Instant::now();
        let on = self.state().on;
        let asked: Option<Value> = on.then(|| asking(body));
        let answer = match &asked {
            Some(asked) => carry_out(&asked.to_string()),
            None => carry_out(body),
        };
        let call = asked.map(|asked| recorded(operation, &asked, &answer));
        let mut state = self.state();
        state.calls.extend(call);
        state.inside += started.elapsed();
        answer
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The request, asking for its consumed capacity.
fn asking(body: &str) -> Value {
    let mut asked: Value = serde_json::from_str(body).expect("the SDK writes JSON");
    asked["ReturnConsumedCapacity"] = json!("INDEXES");
    asked
}

fn recorded(operation: &str, asked: &Value, (status, answer): &(u16, String)) -> MeteredCall {
    let done = *status == 200;
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let consumed = match &answer["ConsumedCapacity"] {
        Value::Array(tables) => tables.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let index_units = consumed.iter().filter_map(|table| table["GlobalSecondaryIndexes"].as_object());
    MeteredCall {
        operation: operation.to_owned(),
        done,
        written: if done { written(operation, asked) } else { Vec::new() },
        table_units: consumed.iter().map(|table| units(&table["Table"])).sum(),
        index_units: index_units.flat_map(|indexes| indexes.values().map(units)).sum(),
    }
}

fn units(detail: &Value) -> Decimal {
    let units = detail["CapacityUnits"].as_number().map(ToString::to_string);
    units.and_then(|units| units.parse().ok()).unwrap_or_default()
}

/// The keys of the items that a write names, whichever operation it is.
fn written(operation: &str, asked: &Value) -> Vec<Written> {
    let key = |item: &Value| {
        let text = |name: &str| item[name]["S"].as_str().map(str::to_owned);
        Some(Written { pk: text("pk")?, sk: text("sk")? })
    };
    let of_action = |action: &Value| {
        let named = [&action["Put"]["Item"], &action["Update"]["Key"], &action["Delete"]["Key"]];
        named.into_iter().find_map(key)
    };
    let single = matches!(operation, "UpdateItem" | "DeleteItem").then(|| key(&asked["Key"])).flatten();
    let transacted = asked["TransactItems"].as_array().into_iter().flatten().filter_map(of_action);
    let batches = asked["RequestItems"].as_object().into_iter().flat_map(|tables| tables.values());
    let batched = batches
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|one| key(&one["PutRequest"]["Item"]).or_else(|| key(&one["DeleteRequest"]["Key"])));
    key(&asked["Item"]).into_iter().chain(single).chain(transacted).chain(batched).collect()
}
