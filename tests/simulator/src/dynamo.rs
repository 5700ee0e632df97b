//! The way to DynamoDB: the in-process one of `support`, with faults drawn for each call.

use crate::core::Core;
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
    result::ConnectorError,
};
use std::time::Duration;
use support::{Dynamo, Fault};

/// As the functions' clients are configured (platform's `start`).
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
struct Way {
    dynamo: Dynamo,
    core: Core,
}

/// What is drawn for one call.
enum Drawn {
    Well,
    Spoiled(Fault),
    /// Carried out, and the client gives up waiting.
    TimesOut,
}

/// A client of the real SDK over these tables, with this weather.
#[must_use]
pub fn client(dynamo: &Dynamo, core: &Core) -> Client {
    let connector = SharedHttpConnector::new(Way { dynamo: dynamo.clone(), core: core.clone() });
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    Client::from_conf(config)
}

impl Way {
    fn draw(&self, operation: &str) -> Drawn {
        if !self.core.chance(self.core.weather().dynamo) {
            return Drawn::Well;
        }
        let writes = matches!(operation, "TransactWriteItems" | "PutItem" | "UpdateItem" | "DeleteItem");
        let kinds = if writes { 6 } else { 4 };
        let (name, drawn) = match self.core.below(kinds) {
            0 => ("DynamoDB: no connection", Drawn::Spoiled(Fault::FailsBefore)),
            1 => ("DynamoDB: throttled", Drawn::Spoiled(Fault::Throttled)),
            2 => ("DynamoDB: 500 after the effect", Drawn::Spoiled(Fault::ServerErrorAfter)),
            3 => ("DynamoDB: the answer is lost", Drawn::Spoiled(Fault::FailsAfter)),
            4 => ("DynamoDB: TransactionConflict", Drawn::Spoiled(Fault::Conflict)),
            _ => ("DynamoDB: time-out after the effect", Drawn::TimesOut),
        };
        self.core.injected(name);
        drawn
    }
}

impl HttpConnector for Way {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let way = self.clone();
        HttpConnectorFuture::new(async move {
            way.core.reach().await;
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
            let drawn = way.draw(&operation);
            if let Drawn::Spoiled(fault) = drawn {
                way.dynamo.faults().next(&operation, fault);
            }
            let answer = way.dynamo.call(request).await;
            way.core.effected().await;
            if let Drawn::TimesOut = drawn {
                tokio::time::sleep(ATTEMPT_TIMEOUT).await;
                return Err(ConnectorError::timeout("the attempt took too long".into()));
            }
            answer
        })
    }
}
