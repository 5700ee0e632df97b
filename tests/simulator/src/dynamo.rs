//! The way to DynamoDB: the in-process one of `support`, with faults drawn for each call.

use crate::core::Core;
use crate::permissions;
use crate::plan::Planned;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use support::{Dynamo, Fault};

/// As the functions' clients are configured (platform's `start`).
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
struct Way {
    dynamo: Dynamo,
    core: Core,
    /// Writes that nobody waits for any more.
    late: Arc<Mutex<Vec<HttpRequest>>>,
}

enum Drawn {
    Well,
    Spoiled(Fault),
    /// Carried out, and the client gives up waiting.
    TimesOut,
    /// Carried out twice; the second answer arrives.
    Twice,
    /// The client gives up waiting, and only then, perhaps much later, it is carried out.
    Late,
    /// One key is answered, the others are left for another request.
    Partly,
}

#[must_use]
pub fn way(dynamo: &Dynamo, core: &Core) -> impl HttpConnector + 'static {
    Way { dynamo: dynamo.clone(), core: core.clone(), late: Arc::default() }
}

impl Way {
    fn late(&self) -> MutexGuard<'_, Vec<HttpRequest>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One write that was given up arrives, at times.
    async fn carry_out_late(&self) {
        let waits = !self.late().is_empty();
        if waits && self.core.chance(250) {
            let at = self.core.below(self.late().len());
            let request = self.late().swap_remove(at);
            let _ = self.dynamo.call(request).await;
        }
    }

    async fn answer_partly(&self, mut request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut asked: Value = json_of(request.body());
        let left = asked["RequestItems"].as_object_mut().expect("tables").values_mut();
        let mut rest = json_of(request.body())["RequestItems"].take();
        for (asked, rest) in left.zip(rest.as_object_mut().expect("tables").values_mut()) {
            if asked["Keys"].as_array().is_none_or(|keys| keys.len() < 2) {
                return self.dynamo.call(request).await;
            }
            asked["Keys"].as_array_mut().expect("keys").truncate(1);
            rest["Keys"].as_array_mut().expect("keys").remove(0);
        }
        *request.body_mut() = SdkBody::from(asked.to_string());
        let answer = self.dynamo.call(request).await?;
        let mut said = json_of(answer.body());
        said["UnprocessedKeys"] = rest;
        Ok(HttpResponse::new(answer.status(), SdkBody::from(said.to_string())))
    }

    fn draw(&self, operation: &str) -> Drawn {
        if !self.core.chance(self.core.weather().dynamo) {
            return Drawn::Well;
        }
        let writes = matches!(operation, "TransactWriteItems" | "PutItem" | "UpdateItem" | "DeleteItem");
        if operation == "BatchGetItem" && self.core.chance(300) {
            self.core.injected("DynamoDB: part of a batch is left");
            return Drawn::Partly;
        }
        let kinds = if writes { 7 } else { 4 };
        let (name, drawn) = match self.core.below(kinds) {
            0 => ("DynamoDB: no connection", Drawn::Spoiled(Fault::FailsBefore)),
            1 => ("DynamoDB: throttled", Drawn::Spoiled(Fault::Throttled)),
            2 => ("DynamoDB: 500 after the effect", Drawn::Spoiled(Fault::ServerErrorAfter)),
            3 => ("DynamoDB: the answer is lost", Drawn::Spoiled(Fault::FailsAfter)),
            4 => ("DynamoDB: TransactionConflict", Drawn::Spoiled(Fault::Conflict)),
            5 => ("DynamoDB: a write takes effect late", Drawn::Late),
            _ => ("DynamoDB: time-out after the effect", Drawn::TimesOut),
        };
        self.core.injected(name);
        drawn
    }
}

fn json_of(body: &SdkBody) -> Value {
    serde_json::from_slice(body.bytes().unwrap_or_default()).expect("DynamoDB speaks JSON")
}

fn drawn_of(planned: Planned) -> Drawn {
    match planned {
        Planned::FailsBefore => Drawn::Spoiled(Fault::FailsBefore),
        Planned::FailsAfter => Drawn::Spoiled(Fault::FailsAfter),
        Planned::Conflict => Drawn::Spoiled(Fault::Conflict),
        Planned::Throttled => Drawn::Spoiled(Fault::Throttled),
        Planned::TimesOut => Drawn::TimesOut,
        Planned::Twice => Drawn::Twice,
        Planned::DiesBefore | Planned::DiesAfter => Drawn::Well,
    }
}

/// What a request is for: its operation, and the kinds of the items that it names.
fn call_name(operation: &str, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).expect("the SDK speaks JSON to DynamoDB");
    let mut kinds: Vec<String> = match operation {
        "Query" => vec![query_kind(&body)],
        "BatchGetItem" => keys_below(&body["RequestItems"], "Keys").map(kind).collect(),
        "TransactWriteItems" => {
            let actions = body["TransactItems"].as_array().into_iter().flatten();
            actions
                // a check writes nothing
                .filter(|action| action["ConditionCheck"].is_null())
                .map(|action| kind(action["Put"].get("Item").unwrap_or(&action["Update"]["Key"])))
                .collect()
        }
        "PutItem" => vec![kind(&body["Item"])],
        _ => vec![kind(&body["Key"])],
    };
    kinds.sort();
    kinds.dedup();
    format!("DynamoDB {operation} {}", kinds.join("+"))
}

fn keys_below<'a>(tables: &'a Value, name: &'a str) -> impl Iterator<Item = &'a Value> {
    let tables = tables.as_object().into_iter().flat_map(|tables| tables.values());
    tables.filter_map(move |table| table[name].as_array()).flatten()
}

/// Below an organization or a job the sort key says what an item is, elsewhere the partition key.
fn kind(item: &Value) -> String {
    let first = |name: &str| {
        let text = item[name]["S"].as_str().unwrap_or_default();
        text.split('#').next().unwrap_or_default().to_owned()
    };
    let of = first("pk");
    if matches!(of.as_str(), "ORG" | "JOB" | "WATCH") { first("sk") } else { of }
}

fn query_kind(body: &Value) -> String {
    if let Some(index) = body["IndexName"].as_str() {
        return format!("index {index}");
    }
    let values = body["ExpressionAttributeValues"].as_object().into_iter().flat_map(|values| values.values());
    let mut texts: Vec<&str> = values.filter_map(|value| value["S"].as_str()).collect();
    texts.sort_unstable();
    let first = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
    texts.into_iter().map(first).find(|text| !matches!(text.as_str(), "ORG" | "JOB")).unwrap_or_default()
}

impl HttpConnector for Way {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let way = self.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
            let body = request.body().bytes().unwrap_or_default();
            way.core.note_permissions(permissions::of_dynamo(&operation, &json_of(request.body())));
            let planned = way.core.reach(&call_name(&operation, body)).await;
            let drawn = planned.map_or_else(|| way.draw(&operation), drawn_of);
            if let Drawn::Spoiled(fault) = drawn {
                way.dynamo.faults().next(&operation, fault);
            }
            way.carry_out_late().await;
            if let Drawn::Late = drawn {
                way.late().push(request);
                tokio::time::sleep(ATTEMPT_TIMEOUT).await;
                return Err(ConnectorError::timeout("the attempt took too long".into()));
            }
            if let Drawn::Partly = drawn {
                return way.answer_partly(request).await;
            }
            if let Drawn::Twice = drawn {
                let once = request.try_clone().expect("a body in memory");
                let _ = way.dynamo.call(once).await;
            }
            let answer = way.dynamo.call(request).await;
            way.core.effected(planned).await;
            if let Drawn::TimesOut = drawn {
                tokio::time::sleep(ATTEMPT_TIMEOUT).await;
                return Err(ConnectorError::timeout("the attempt took too long".into()));
            }
            answer
        })
    }
}
