//! What a function's role must allow for a call: an action of IAM, and the resource as the simulator calls it. Knows
//! no template.

use serde_json::Value;

/// Of a request to DynamoDB: table, index and how the partition keys begin.
pub(crate) fn of_dynamo(operation: &str, body: &Value) -> Vec<String> {
    let table = |request: &Value| request["TableName"].as_str().unwrap_or_default().to_owned();
    let line = |action: &str, table: &str, key: &Value| format!("dynamodb:{action} {table} {}", leading(key));
    match operation {
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            let keys = tables.flat_map(|(table, asked)| {
                asked["Keys"].as_array().into_iter().flatten().map(move |key| (table, key))
            });
            keys.map(|(table, key)| line(operation, table, &key["pk"])).collect()
        }
        "TransactWriteItems" => {
            let actions = body["TransactItems"].as_array().into_iter().flatten();
            actions
                .flat_map(|action| action.as_object().into_iter().flatten())
                .map(|(kind, action)| {
                    let name = if kind == "ConditionCheck" {
                        "ConditionCheckItem".to_owned()
                    } else {
                        format!("{kind}Item")
                    };
                    let key = action.get("Item").unwrap_or(&action["Key"]);
                    line(&name, &table(action), &key["pk"])
                })
                .collect()
        }
        "Query" => vec![match body["IndexName"].as_str() {
            Some(index) => format!("dynamodb:Query {}/index/{index}", table(body)),
            None => line(operation, &table(body), &queried(body)),
        }],
        "PutItem" => vec![line(operation, &table(body), &body["Item"]["pk"])],
        _ => vec![line(operation, &table(body), &body["Key"]["pk"])],
    }
}

/// The partition key's value in a query's condition, which names it first.
fn queried(body: &Value) -> Value {
    let condition = body["KeyConditionExpression"].as_str().unwrap_or_default();
    let mut words = condition.split(|letter: char| letter.is_whitespace() || letter == '=');
    let value = words.find(|word| word.starts_with(':')).unwrap_or_default();
    body["ExpressionAttributeValues"][value].clone()
}

/// The first part of a partition key, up to and with its `#`.
fn leading(key: &Value) -> String {
    let key = key["S"].as_str().or(key["N"].as_str()).unwrap_or_default();
    key.split_inclusive('#').next().unwrap_or_default().to_owned()
}

/// Of a request to S3: bucket and the key's first folder.
pub(crate) fn of_s3(method: &str, bucket: &str, key: &str, query: &str) -> String {
    let action = match method {
        "PUT" => "PutObject",
        "GET" if key.is_empty() => "ListBucket",
        _ if query.contains("versionId=") => "GetObjectVersion",
        _ => "GetObject",
    };
    let folder = match action {
        "ListBucket" => query.split("prefix=").nth(1).unwrap_or_default(),
        _ => key,
    };
    let folder = folder.split(['/', '%', '&']).next().unwrap_or_default();
    format!("s3:{action} {bucket} {folder}/")
}

pub(crate) fn of_sqs(queue: &str) -> String {
    format!("sqs:SendMessage {queue}")
}

pub(crate) fn of_vendor(vendor: &str) -> String {
    format!("secretsmanager:GetSecretValue {vendor}")
}
