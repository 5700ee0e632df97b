//! Files in one S3 bucket: contacts, artwork, reports.
//!
//! Keys are the caller's; the contents are not known here. Nothing is public: people get links that are valid for a
//! few minutes, made per click, and upload under a policy that limits prefix, type and size.

use crate::policy::{Signer, Upload, UploadRules};
use crate::{Services, http};
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, error::CredentialsError,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::{PresigningConfig, PresigningConfigError};
use bytes::Bytes;
use std::error::Error;
use std::time::Duration;
use terms::Timestamp;

/// How long a link to a file is valid.
pub const DOWNLOAD_LINK: Duration = Duration::from_secs(300);

type Source = Box<dyn Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum ObjectFailure {
    /// A file, or the list of files, could not be read.
    #[error("object {key} could not be read")]
    Read {
        /// The file's key, or the list's prefix.
        key: String,
        #[source]
        source: Source,
    },
    /// A file could not be written, or perhaps was written and the response lost.
    #[error("object {key} could not be written")]
    Write {
        key: String,
        #[source]
        source: Source,
    },
    #[error("a link into the bucket could not be signed")]
    Sign(#[source] Source),
}

impl terms::Failing for ObjectFailure {
    fn meaning(&self) -> terms::Meaning {
        terms::Meaning::TryAgain
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    pub size: u64,
    /// In a bucket that keeps versions.
    pub version_id: Option<String>,
    /// As S3 gives it (in quotes).
    pub etag: String,
}

/// One file of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEntry {
    pub key: String,
    pub size: u64,
}

#[derive(Debug, Clone)]
pub struct ObjectStore {
    client: aws_sdk_s3::Client,
    bucket: String,
    region: String,
    endpoint: Option<String>,
    credentials: Option<SharedCredentialsProvider>,
}

impl ObjectStore {
    pub fn new(services: &Services, bucket: impl Into<String>) -> Self {
        let config = services.aws();
        Self {
            client: services.s3(),
            bucket: bucket.into(),
            region: config.region().map_or("us-east-1", AsRef::as_ref).to_owned(),
            endpoint: config.endpoint_url().map(str::to_owned),
            credentials: config.credentials_provider(),
        }
    }

    /// Replaces the file that has this key. After a failure the file may have been written all the same.
    pub async fn put(
        &self,
        key: &str,
        bytes: impl Into<Bytes>,
        content_type: &str,
    ) -> Result<(), ObjectFailure> {
        let body = aws_sdk_s3::primitives::ByteStream::from(bytes.into());
        let call =
            self.client.put_object().bucket(&self.bucket).key(key).content_type(content_type).body(body);
        let sent = call.send().await;
        sent.map(|_| ()).map_err(|error| ObjectFailure::Write { key: key.to_owned(), source: error.into() })
    }

    /// `None`: no file has this key.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, ObjectFailure> {
        self.read(key, None).await
    }

    /// `None`: there is no such version.
    pub async fn get_version(&self, key: &str, version_id: &str) -> Result<Option<Bytes>, ObjectFailure> {
        self.read(key, Some(version_id.to_owned())).await
    }

    async fn read(&self, key: &str, version_id: Option<String>) -> Result<Option<Bytes>, ObjectFailure> {
        let call = self.client.get_object().bucket(&self.bucket).key(key).set_version_id(version_id);
        match call.send().await {
            Ok(answer) => {
                let body = answer.body.collect().await.map_err(|error| unread(key, error))?;
                Ok(Some(body.into_bytes()))
            }
            Err(error) => self.missing(key, error).await.map(|()| None),
        }
    }

    /// `None`: no file has this key.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectHead>, ObjectFailure> {
        match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(answer) => Ok(Some(ObjectHead {
                size: answer.content_length().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0),
                version_id: answer.version_id().map(str::to_owned),
                etag: answer.e_tag().unwrap_or_default().to_owned(),
            })),
            Err(error) => self.missing(key, error).await.map(|()| None),
        }
    }

    pub async fn exists(&self, key: &str) -> Result<bool, ObjectFailure> {
        Ok(self.head(key).await?.is_some())
    }

    /// `Ok` when the file is not there. A function may list only below its prefixes, and then S3 responds 403 for a
    /// missing file as for a forbidden one: the list of this very key distinguishes them.
    async fn missing<E>(&self, key: &str, error: SdkError<E>) -> Result<(), ObjectFailure>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        if is_absent(&error) {
            return Ok(());
        }
        if is_denied(&error) {
            let listed = Box::pin(self.list(key)).await?;
            if !listed.iter().any(|entry| entry.key == key) {
                return Ok(());
            }
        }
        Err(unread(key, error))
    }

    /// All files whose key begins with `prefix`, by key.
    pub async fn list(&self, prefix: &str) -> Result<Vec<ObjectEntry>, ObjectFailure> {
        let call = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages = call.into_paginator().send();
        let mut entries = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| unread(prefix, error))?;
            entries.extend(page.contents().iter().filter_map(|object| {
                let size = object.size().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
                Some(ObjectEntry { key: object.key()?.to_owned(), size })
            }));
        }
        Ok(entries)
    }

    /// A link with which anyone can fetch the file for a while, and under which name a browser saves it.
    pub async fn presigned_get(
        &self,
        key: &str,
        download_name: &str,
        valid: Duration,
    ) -> Result<String, ObjectFailure> {
        let config = PresigningConfig::expires_in(valid)
            .map_err(|error: PresigningConfigError| ObjectFailure::Sign(error.into()))?;
        let call = self.client.get_object().bucket(&self.bucket).key(key);
        let call = call.response_content_disposition(http::attachment(download_name));
        let signed = call.presigned(config).await.map_err(|error| ObjectFailure::Sign(error.into()))?;
        Ok(signed.uri().to_owned())
    }

    /// A form with which a browser uploads files straight into the bucket, within these rules. Fails without
    /// credentials.
    pub async fn upload_policy(
        &self,
        rules: &UploadRules<'_>,
        now: Timestamp,
    ) -> Result<Upload, ObjectFailure> {
        let absent = || ObjectFailure::Sign(CredentialsError::not_loaded_no_source().into());
        let provider = self.credentials.as_ref().ok_or_else(absent)?;
        let credentials =
            provider.provide_credentials().await.map_err(|error| ObjectFailure::Sign(error.into()))?;
        let signer = Signer {
            access_key: credentials.access_key_id(),
            secret_key: credentials.secret_access_key(),
            session_token: credentials.session_token(),
            region: &self.region,
            bucket: &self.bucket,
        };
        Ok(Upload { url: self.url(), fields: signer.fields(rules, now), prefix: rules.prefix.to_owned() })
    }

    /// The bucket's own address: by path where an endpoint is given, else by host.
    fn url(&self) -> String {
        let Self { bucket, region, .. } = self;
        match &self.endpoint {
            Some(endpoint) => format!("{}/{bucket}", endpoint.trim_end_matches('/')),
            None => format!("https://{bucket}.s3.{region}.amazonaws.com/"),
        }
    }
}

fn unread(key: &str, source: impl Into<Source>) -> ObjectFailure {
    ObjectFailure::Read { key: key.to_owned(), source: source.into() }
}

/// Whether S3 says that there is no such file or version. HEAD responds 404 without a code in its (absent) body; a
/// missing bucket is a fault of ours, never a missing file.
fn is_absent<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let SdkError::ServiceError(service) = error else { return false };
    match service.err().code() {
        Some("NoSuchKey" | "NoSuchVersion" | "NotFound") => true,
        Some(_) => false,
        None => service.raw().status().as_u16() == 404,
    }
}

fn is_denied<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    matches!(error, SdkError::ServiceError(service) if service.raw().status().as_u16() == 403)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContentType;
    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_credential_types::Credentials;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::{Arc, Mutex};

    fn store(endpoint: Option<&str>) -> ObjectStore {
        crate::start::install_crypto();
        let credentials = Credentials::new("AKIDTEST", "secret", Some("session".into()), None, "test");
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(SharedCredentialsProvider::new(credentials));
        config.set_endpoint_url(endpoint.map(str::to_owned));
        ObjectStore::new(&Services::new(config.build(), terms::Clock::system()), "content")
    }

    #[tokio::test]
    async fn an_upload_goes_to_the_bucket_by_host_or_under_an_endpoint_by_path() {
        let rules = UploadRules {
            prefix: "artwork/",
            content_type: ContentType::Exactly("application/pdf"),
            bytes_max: 1,
            valid_seconds: 60,
        };
        let now = Timestamp::from_seconds(1_795_000_000);
        let upload = store(None).upload_policy(&rules, now).await.unwrap();
        assert_eq!(upload.url, "https://content.s3.us-east-1.amazonaws.com/");
        assert_eq!(
            (upload.prefix.as_str(), &upload.fields["x-amz-security-token"]),
            ("artwork/", &"session".into())
        );
        let local = store(Some("http://127.0.0.1:4566/")).upload_policy(&rules, now).await.unwrap();
        assert_eq!(local.url, "http://127.0.0.1:4566/content");
    }

    #[tokio::test]
    async fn a_link_names_its_file_and_its_five_minutes() {
        let local = store(Some("http://127.0.0.1:4566"));
        let link = local.presigned_get("contacts/a.csv", "Alder list.csv", DOWNLOAD_LINK).await.unwrap();
        assert!(link.starts_with("http://127.0.0.1:4566/content/contacts/a.csv?"), "{link}");
        assert!(link.contains("X-Amz-Expires=300") && link.contains("X-Amz-Signature="), "{link}");
        assert!(link.contains("response-content-disposition=attachment"), "{link}");
    }

    /// An S3 that forbids every file and lists `key`; the store that uses it, and the requests it saw.
    fn forbidding(key: &str) -> (ObjectStore, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let store = store(Some(&format!("http://{}", listener.local_addr().unwrap())));
        let list = format!(
            "<ListBucketResult><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>\
             <Contents><Key>{key}</Key><Size>1</Size></Contents></ListBucketResult>"
        );
        let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let line = head.next().unwrap_or_default();
                head.find(|line| line.is_empty());
                let is_list = line.contains("list-type=2");
                let (status, body) =
                    if is_list { ("200 OK", list.as_str()) } else { ("403 Forbidden", denied) };
                let length = body.len();
                let body = if line.starts_with("HEAD") { "" } else { body };
                requests.lock().unwrap().push(line);
                write!(
                    stream,
                    "HTTP/1.1 {status}\r\ncontent-type: application/xml\r\ncontent-length: {length}\r\n\
                     connection: close\r\n\r\n{body}"
                )
                .unwrap();
            }
        });
        (store, seen)
    }

    #[tokio::test]
    async fn a_forbidden_file_is_missing_when_the_list_of_its_key_does_not_have_it() {
        let (store, seen) = forbidding("contacts/a.csv.gz");
        assert_eq!(store.get("contacts/a.csv").await.unwrap(), None);
        assert_eq!(store.head("contacts/a.csv").await.unwrap(), None);
        let lists = seen.lock().unwrap().iter().filter(|line| line.contains("prefix=contacts")).count();
        assert_eq!(lists, 2, "a list without a prefix is not allowed");
        // one that is there is forbidden, not missing
        assert!(store.get("contacts/a.csv.gz").await.is_err());
        assert!(store.head("contacts/a.csv.gz").await.is_err());
    }
}
