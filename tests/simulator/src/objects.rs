//! S3: buckets in memory that keep versions, and fail on the dice's word.

use crate::core::Core;
use crate::permissions;
use crate::plan::Planned;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use support::AWS_URL;

/// As the functions' clients are configured (platform's `start`).
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

type Files = BTreeMap<(String, String), Vec<Bytes>>;

#[derive(Debug, Clone)]
pub struct Objects {
    core: Core,
    files: Arc<Mutex<Files>>,
}

impl Objects {
    #[must_use]
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone(), files: Arc::default() }
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a file in, as an upload by a browser does.
    pub fn upload(&self, bucket: &str, key: &str, bytes: &'static [u8]) {
        let place = (bucket.to_owned(), key.to_owned());
        self.files().entry(place).or_default().push(Bytes::from_static(bytes));
    }

    /// Removes a bucket's files below a prefix, as only an operator can.
    pub fn remove_below(&self, bucket: &str, prefix: &str) {
        self.files().retain(|(of, key), _| of != bucket || !key.starts_with(prefix));
    }

    #[must_use]
    pub fn read(&self, bucket: &str, key: &str) -> Option<Bytes> {
        self.files().get(&(bucket.to_owned(), key.to_owned())).and_then(|versions| versions.last().cloned())
    }

    fn draw(&self) -> Option<Planned> {
        let core = &self.core;
        if !core.chance(core.weather().s3) {
            return None;
        }
        let (name, drawn) = match core.below(3) {
            0 => ("S3: no connection", Planned::FailsBefore),
            1 => ("S3: 503 slow down", Planned::Throttled),
            _ => ("S3: the answer is lost", Planned::FailsAfter),
        };
        core.injected(name);
        Some(drawn)
    }

    fn answer(&self, method: &str, uri: &str, body: &[u8]) -> (u16, Vec<(&'static str, String)>, Bytes) {
        let path = uri.strip_prefix(AWS_URL).unwrap_or(uri).trim_start_matches('/');
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let asked = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(found, _)| *found == name).map(|(_, value)| plain(value))
        };
        let place = (bucket.to_owned(), plain(key));
        let mut files = self.files();
        match method {
            "PUT" => {
                let versions = files.entry(place).or_default();
                versions.push(Bytes::copy_from_slice(body));
                (
                    200,
                    vec![("x-amz-version-id", format!("v{}", versions.len())), ("etag", etag(body))],
                    Bytes::new(),
                )
            }
            "GET" if key.is_empty() => {
                let prefix = asked("prefix").unwrap_or_default();
                (200, Vec::new(), Bytes::from(listing(&files, bucket, &prefix)))
            }
            _ => {
                let version =
                    asked("versionId").and_then(|version| version.trim_start_matches('v').parse().ok());
                let versions = files.get(&place).map(Vec::as_slice).unwrap_or_default();
                let number: usize = version.unwrap_or(versions.len());
                let Some(bytes) = number.checked_sub(1).and_then(|at| versions.get(at)) else {
                    let code = if version.is_some() { "NoSuchVersion" } else { "NoSuchKey" };
                    let body = if method == "HEAD" { Bytes::new() } else { error(code) };
                    return (404, Vec::new(), body);
                };
                let mut headers = vec![("x-amz-version-id", format!("v{number}")), ("etag", etag(bytes))];
                headers.push(("content-length", bytes.len().to_string()));
                (200, headers, if method == "HEAD" { Bytes::new() } else { bytes.clone() })
            }
        }
    }
}

fn plain(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let code: Vec<u8> = if byte == b'%' { bytes.by_ref().take(2).collect() } else { Vec::new() };
        let code = std::str::from_utf8(&code).ok().and_then(|code| u8::from_str_radix(code, 16).ok());
        out.push(code.unwrap_or(byte));
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn etag(bytes: &[u8]) -> String {
    format!("\"{:x}\"", bytes.len())
}

fn error(code: &str) -> Bytes {
    Bytes::from(format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>"))
}

fn listing(files: &Files, bucket: &str, prefix: &str) -> String {
    let found = files.iter().filter(|((of, key), _)| of == bucket && key.starts_with(prefix));
    let entries: String = found
        .map(|((_, key), versions)| {
            let size = versions.last().map_or(0, Bytes::len);
            format!("<Contents><Key>{key}</Key><Size>{size}</Size></Contents>")
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><ListBucketResult><Name>{bucket}</Name><Prefix>{prefix}</Prefix>\
         <IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
    )
}

fn response(status: u16, headers: Vec<(&'static str, String)>, body: Bytes) -> HttpResponse {
    let status = StatusCode::try_from(status).expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

/// A method and the first words of what is asked for.
fn call_name(method: &str, uri: &str) -> String {
    let path = uri.strip_prefix(AWS_URL).unwrap_or(uri).trim_start_matches('/');
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let method = if query.contains("list-type") { "LIST" } else { method };
    let first = key.split('/').next().unwrap_or_default();
    format!("S3 {method} {bucket} {first}").trim_end().to_owned()
}

fn permission(method: &str, uri: &str) -> String {
    let path = uri.strip_prefix(AWS_URL).unwrap_or(uri).trim_start_matches('/');
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    permissions::of_s3(method, bucket, key, query)
}

impl HttpConnector for Objects {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let objects = self.clone();
        HttpConnectorFuture::new(async move {
            let core = &objects.core;
            core.note_permissions(vec![permission(request.method(), request.uri())]);
            let planned = core.reach(&call_name(request.method(), request.uri())).await;
            let drawn = planned.or_else(|| objects.draw());
            match drawn {
                Some(Planned::FailsBefore) => return Err(ConnectorError::io("no connection".into())),
                Some(Planned::Throttled) => return Ok(response(503, Vec::new(), error("SlowDown"))),
                Some(Planned::Conflict) => return Ok(response(409, Vec::new(), error("OperationAborted"))),
                _ => {}
            }
            let sent = request.body().bytes().unwrap_or_default();
            if drawn == Some(Planned::Twice) {
                let _ = objects.answer(request.method(), request.uri(), sent);
            }
            let (status, headers, body) = objects.answer(request.method(), request.uri(), sent);
            core.effected(planned).await;
            match drawn {
                Some(Planned::FailsAfter) => return Err(ConnectorError::io("the answer is lost".into())),
                Some(Planned::TimesOut) => {
                    tokio::time::sleep(ATTEMPT_TIMEOUT).await;
                    return Err(ConnectorError::timeout("the attempt took too long".into()));
                }
                _ => {}
            }
            Ok(response(status, headers, body))
        })
    }
}
