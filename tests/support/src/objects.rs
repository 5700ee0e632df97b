//! An S3 on a temporary folder, called in the test's own process through the real SDK.

use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use platform::{Aws, ObjectStore};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use std::sync::Arc;
use tempfile::TempDir;

#[derive(Clone)]
struct InProcess {
    service: S3Service,
    // The folder lives as long as any client of it.
    _folder: Arc<TempDir>,
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("InProcess")
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.service.clone();
        HttpConnectorFuture::new(async move {
            let broken = |why: String| ConnectorError::other(why.into(), None);
            let request = request.try_into_http1x().map_err(|why| broken(why.to_string()))?;
            let (mut parts, body) = request.into_parts();
            if let Some(host) = parts.uri.authority().and_then(|host| host.as_str().parse().ok()) {
                parts.headers.insert(http::header::HOST, host);
            }
            let bytes = body.collect().await.map_err(|why| broken(why.to_string()))?.to_bytes();
            let request = http::Request::from_parts(parts, s3s::Body::from(bytes));
            let call = tokio::spawn(async move { service.call(request).await });
            let answer = call
                .await
                .map_err(|why| broken(why.to_string()))?
                .map_err(|why| broken(format!("{why:?}")))?;
            let (parts, body) = answer.into_parts();
            let bytes = body.collect().await.map_err(|why| broken(why.to_string()))?.to_bytes();
            let answer = http::Response::from_parts(parts, SdkBody::from(bytes.to_vec()));
            HttpResponse::try_from(answer).map_err(|why| broken(why.to_string()))
        })
    }
}

/// A configuration whose S3 is a fresh temporary folder with these buckets.
#[must_use]
pub fn s3_config(buckets: &[&str]) -> SdkConfig {
    let folder = TempDir::new().expect("a temporary folder");
    for bucket in buckets {
        std::fs::create_dir(folder.path().join(bucket)).expect("a bucket's folder");
    }
    let files = FileSystem::new(folder.path()).expect("a file system");
    let mut builder = S3ServiceBuilder::new(files);
    let credentials = Credentials::for_tests();
    builder.set_auth(SimpleAuth::from_single(credentials.access_key_id(), credentials.secret_access_key()));
    let service = builder.build();
    let connector = SharedHttpConnector::new(InProcess { service, _folder: Arc::new(folder) });
    SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("us-east-1"))
        .endpoint_url("http://s3.in-process.localhost")
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build()
}

#[must_use]
pub fn objects(bucket: &str) -> ObjectStore {
    ObjectStore::new(&Aws::with(s3_config(&[bucket])), bucket)
}
