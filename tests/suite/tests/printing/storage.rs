//! The S3 of these tests: the folder of `support`, asked without signatures, which it has no way to check.

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use platform::{Aws, ObjectStore};

#[derive(Debug)]
struct UnsignedClient(SharedHttpClient);

#[derive(Debug)]
struct Unsigned(SharedHttpConnector);

impl HttpClient for UnsignedClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        parts: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Unsigned(self.0.http_connector(settings, parts)))
    }
}

impl HttpConnector for Unsigned {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        request.headers_mut().remove("authorization");
        self.0.call(request)
    }
}

/// A store over a fresh bucket.
pub fn objects(bucket: &str) -> ObjectStore {
    let config = support::s3_config(&[bucket]);
    let client = UnsignedClient(config.http_client().unwrap());
    ObjectStore::new(&Aws::with(config.into_builder().http_client(client).build()), bucket)
}
