//! An S3 on a temporary folder, called in the test's own process through the real SDK.

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;

/// Contacts and artwork, reports.
const BUCKETS: [&str; 2] = ["content", "reports"];

/// The buckets of one test. The folder is made at the first request.
#[derive(Clone, Default)]
pub struct Files(Arc<OnceLock<Folder>>);

struct Folder {
    service: S3Service,
    // The folder lives as long as any client of it.
    _folder: TempDir,
}

impl std::fmt::Debug for Files {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Files")
    }
}

impl Folder {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        for bucket in BUCKETS {
            std::fs::create_dir(folder.path().join(bucket)).expect("a bucket's folder");
        }
        let files = FileSystem::new(folder.path()).expect("a file system");
        let mut builder = S3ServiceBuilder::new(files);
        let credentials = Credentials::for_tests();
        let auth = SimpleAuth::from_single(credentials.access_key_id(), credentials.secret_access_key());
        builder.set_auth(auth);
        Self { service: builder.build(), _folder: folder }
    }
}

impl HttpConnector for Files {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.0.get_or_init(Folder::new).service.clone();
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
