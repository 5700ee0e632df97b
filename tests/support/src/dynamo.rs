//! A DynamoDB in the test's own process, reached through the real SDK without a socket.

use crate::{Fault, Faults, Gate, Meter};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig},
};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

#[derive(Clone)]
pub struct Dynamo {
    database: Database,
    faults: Faults,
    meter: Meter,
}

impl std::fmt::Debug for Dynamo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Dynamo")
    }
}

impl Dynamo {
    /// Tables `ledger` and `work` as template.yaml has them.
    #[must_use]
    pub fn new() -> Self {
        let database = Database::memory().expect("SQLite in memory");
        for table in ["ledger", "work"] {
            let projected = match table {
                "work" => json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind"]}),
                _ => json!({"ProjectionType": "KEYS_ONLY"}),
            };
            let request = table_request(table, &projected);
            let request = serde_json::from_value(request).expect("a CreateTable request");
            database.create_table(request).expect("a table");
        }
        Self { database, faults: Faults::default(), meter: Meter::default() }
    }

    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What requests cost; off until it is started.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    #[must_use]
    pub fn client(&self) -> Client {
        self.client_over(SharedHttpConnector::new(self.clone()))
    }

    /// A client whose next transaction waits at a gate.
    #[must_use]
    pub fn client_behind(&self, gate: &Gate) -> Client {
        self.client_over(SharedHttpConnector::new(gate.before(self.clone())))
    }

    fn client_over(&self, connector: SharedHttpConnector) -> Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::for_tests())
            .retry_config(RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1)))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        Client::from_conf(config)
    }

    /// One item as it stands, without the SDK and its faults.
    #[must_use]
    pub fn item(&self, table: &str, pk: &str, sk: &str) -> Option<Value> {
        let request = json!({"TableName": table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
            "ConsistentRead": true});
        let request = serde_json::from_value(request).expect("a GetItem request");
        let answer = self.database.get_item(request).expect("a read");
        let answer = serde_json::to_value(&answer).expect("JSON");
        answer.get("Item").filter(|item| item.is_object()).cloned()
    }

    /// The items of one partition from one sort key to another, without the SDK and its faults.
    #[must_use]
    pub fn items(&self, table: &str, pk: &str, (from, to): (&str, &str)) -> Vec<Value> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut request = json!({"TableName": table, "ConsistentRead": true,
                "KeyConditionExpression": "pk = :pk AND sk BETWEEN :from AND :to",
                "ExpressionAttributeValues": {":pk": {"S": pk}, ":from": {"S": from}, ":to": {"S": to}}});
            if !start.is_null() {
                request["ExclusiveStartKey"] = start;
            }
            let request = serde_json::from_value(request).expect("a Query request");
            let answer = self.database.query(request).expect("a query");
            let answer = serde_json::to_value(&answer).expect("JSON");
            items.extend(answer["Items"].as_array().cloned().unwrap_or_default());
            start = answer.get("LastEvaluatedKey").cloned().unwrap_or(Value::Null);
            if start.is_null() {
                return items;
            }
        }
    }

    /// Every item of a table, for invariants and for tests of what may not be stored.
    #[must_use]
    pub fn dump(&self, table: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut request = json!({"TableName": table});
            if !start.is_null() {
                request["ExclusiveStartKey"] = start;
            }
            let request = serde_json::from_value(request).expect("a Scan request");
            let answer = self.database.scan(request).expect("a scan");
            let answer = serde_json::to_value(&answer).expect("JSON");
            items.extend(answer["Items"].as_array().cloned().unwrap_or_default());
            start = answer.get("LastEvaluatedKey").cloned().unwrap_or(Value::Null);
            if start.is_null() {
                return items;
            }
        }
    }

    fn answer(&self, operation: &str, body: &str) -> (u16, String) {
        self.meter.watch(operation, body, |body| self.carry_out(operation, body))
    }

    fn carry_out(&self, operation: &str, body: &str) -> (u16, String) {
        assert_consistent(operation, body);
        let database = &self.database;
        let done = match operation {
            "GetItem" => run(body, |request| database.get_item(request)),
            "PutItem" => run(body, |request| database.put_item(request)),
            "UpdateItem" => run(body, |request| database.update_item(request)),
            "DeleteItem" => run(body, |request| database.delete_item(request)),
            "Query" => run(body, |request| database.query(request)),
            "Scan" => run(body, |request| database.scan(request)),
            "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
            "BatchWriteItem" => run(body, |request| database.batch_write_item(request)),
            "TransactWriteItems" => run(body, |request| database.transact_write_items(request)),
            "TransactGetItems" => run(body, |request| database.transact_get_items(request)),
            other => panic!("tests do not ask DynamoDB for {other}"),
        };
        match done {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }
}

impl Default for Dynamo {
    fn default() -> Self {
        Self::new()
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &str,
    call: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_str(body).expect("the SDK writes well-formed requests");
    Ok(serde_json::to_string(&call(request)?).expect("JSON"))
}

/// This database is always up to date, the real one only when it is asked to be. An index cannot be.
fn assert_consistent(operation: &str, body: &str) {
    let body: Value = serde_json::from_str(body).expect("the SDK writes JSON");
    let consistent = match operation {
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().expect("tables");
            tables.values().all(|table| table["ConsistentRead"] == true)
        }
        "GetItem" | "Query" => body["ConsistentRead"] == true || body["IndexName"].is_string(),
        _ => true,
    };
    assert!(consistent, "{operation} may read what is no longer true: {body}");
}

impl HttpConnector for Dynamo {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = request.body().bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let body = body.unwrap_or_default();
        let lost = || Err(ConnectorError::io("connection reset by a planned fault".into()));
        let fault = self.faults.take(&operation);
        if let Some(Fault::DiesBefore | Fault::DiesAfter) = fault {
            if fault == Some(Fault::DiesAfter) {
                self.answer(&operation, &body);
            }
            self.faults.dies();
            return HttpConnectorFuture::new(std::future::pending());
        }
        let answer = match fault {
            None => Ok(self.answer(&operation, &body)),
            Some(Fault::FailsBefore | Fault::DiesBefore | Fault::DiesAfter) => lost(),
            Some(Fault::FailsAfter) => {
                self.answer(&operation, &body);
                lost()
            }
            Some(Fault::ServerErrorAfter) => {
                self.answer(&operation, &body);
                Ok((500, error_body("InternalServerError")))
            }
            Some(Fault::Throttled) => Ok((400, error_body("ThrottlingException"))),
            Some(Fault::Conflict) if operation == "TransactWriteItems" => Ok((400, conflict_body(&body))),
            Some(Fault::Conflict) => Ok((400, error_body("TransactionConflictException"))),
        };
        HttpConnectorFuture::ready(answer.map(|(status, body)| {
            let status = StatusCode::try_from(status).expect("a status");
            HttpResponse::new(status, SdkBody::from(body))
        }))
    }
}

fn error_body(code: &str) -> String {
    json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": code}).to_string()
}

/// As AWS cancels a transaction that met another one on its first item.
fn conflict_body(request: &str) -> String {
    let request: Value = serde_json::from_str(request).expect("the SDK writes JSON");
    let actions = request["TransactItems"].as_array().map_or(1, Vec::len);
    let reasons: Vec<Value> = (0..actions)
        .map(|at| if at == 0 { json!({"Code": "TransactionConflict"}) } else { json!({"Code": "None"}) })
        .collect();
    json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons,
    })
    .to_string()
}

fn table_request(name: &str, projected: &Value) -> Value {
    let attribute = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [attribute("pk"), attribute("sk"), attribute("dueShard"), attribute("dueAt")],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "due",
            "KeySchema": [
                {"AttributeName": "dueShard", "KeyType": "HASH"},
                {"AttributeName": "dueAt", "KeyType": "RANGE"},
            ],
            "Projection": projected,
        }],
    })
}
