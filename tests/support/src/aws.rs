//! AWS in the test's own process: each service is a connector behind the real SDK.

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// Where AWS seems to stand.
pub const AWS_URL: &str = "http://aws.in-process.localhost";

/// How often the SDK sends a request, in all.
pub const ATTEMPTS: u32 = 3;

/// The services that a test brings. A request goes to the service that it is signed for.
#[derive(Debug, Clone, Default)]
pub struct InProcessAws(BTreeMap<&'static str, SharedHttpConnector>);

impl InProcessAws {
    /// With this connector as the service of this signing name: `dynamodb`, `sqs`, `sns`, `s3`, `secretsmanager`.
    #[must_use]
    pub fn with(mut self, service: &'static str, connector: impl HttpConnector + 'static) -> Self {
        self.0.insert(service, SharedHttpConnector::new(connector));
        self
    }

    /// As the functions' AWS configuration. Repetitions are as in production, and their pauses short.
    #[must_use]
    pub fn config(self) -> SdkConfig {
        let connector = SharedHttpConnector::new(self);
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(1));
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(AWS_URL)
            .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
            .retry_config(retries)
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build()
    }
}

impl HttpConnector for InProcessAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = service_of(&request);
        let connector = self.0.get(service.as_str());
        connector.unwrap_or_else(|| panic!("this test brings no service {service:?}")).call(request)
    }
}

/// The service in the scope of the signature: `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/…`.
fn service_of(request: &HttpRequest) -> String {
    let signature = request.headers().get("authorization").unwrap_or_default();
    signature.split('/').nth(3).unwrap_or_default().to_owned()
}
