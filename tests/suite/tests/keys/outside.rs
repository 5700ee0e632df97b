//! Secrets Manager and a vendor, as far as keys go.

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::http::StatusCode;
use platform::Services;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use support::InProcessAws;
use terms::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A second signing secret, which every state of the store holds.
pub const WEBHOOK_ROTATED: &str = "whsec_other";

#[derive(Debug, Clone, Default)]
pub struct Store {
    /// What all keys are made of; none while the store is down.
    key: Arc<Mutex<Option<String>>>,
    readings: Arc<AtomicUsize>,
}

impl Store {
    pub fn new(key: &str) -> Self {
        let store = Self::default();
        store.rotate(key);
        store
    }

    pub fn rotate(&self, key: &str) {
        *self.key.lock().unwrap() = Some(key.to_owned());
    }

    pub fn fail(&self) {
        *self.key.lock().unwrap() = None;
    }

    pub fn readings(&self) -> usize {
        self.readings.load(Ordering::SeqCst)
    }

    pub fn services(&self) -> Services {
        Services::new(InProcessAws::default().with("secretsmanager", self.clone()).config(), Clock::system())
    }
}

impl HttpConnector for Store {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        self.readings.fetch_add(1, Ordering::SeqCst);
        let key = self.key.lock().unwrap().clone();
        let (status, body) = match key {
            Some(key) => {
                let secret = json!({
                    "secretKey": format!("sk_{key}"),
                    "webhookSecrets": [WEBHOOK_ROTATED, format!("whsec_{key}")],
                    "liveToken": key, "testToken": key, "liveKey": key, "testKey": key,
                });
                (200, json!({"Name": "vendors", "SecretString": secret.to_string()}))
            }
            None => (400, json!({"__type": "InternalServiceErrorException"})),
        };
        let status = StatusCode::try_from(status).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body.to_string().into())))
    }
}

#[derive(Debug, Clone)]
pub struct Seen {
    pub line: String,
    pub idempotency_key: Option<String>,
    pub status: u16,
}

/// A vendor that accepts one key, wherever it stands, and has one answer to everything.
#[derive(Debug, Clone)]
pub struct Vendor {
    pub url: String,
    key: Arc<Mutex<String>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Vendor {
    pub async fn accepting(key: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let vendor = Self { url, key: Arc::new(Mutex::new(key.to_owned())), seen: Arc::default() };
        let serving = vendor.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let vendor = serving.clone();
                tokio::spawn(async move { vendor.serve(stream).await });
            }
        });
        vendor
    }

    pub fn accept(&self, key: &str) {
        *self.key.lock().unwrap() = key.to_owned();
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let (mut bytes, mut part) = (Vec::new(), [0; 4_096]);
        let head = loop {
            let read = stream.read(&mut part).await.unwrap_or(0);
            bytes.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                assert!(read > 0, "the request ends early");
                continue;
            };
            let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                break head.to_owned();
            }
        };
        let key = self.key.lock().unwrap().clone();
        let given = header(&head, "x-auth-token").or_else(|| header(&head, "x-api-key"));
        let accepted =
            given == Some(key.clone()) || header(&head, "authorization") == Some(format!("Bearer sk_{key}"));
        let status = if accepted { 200 } else { 401 };
        self.seen.lock().unwrap().push(Seen {
            line: head.lines().next().unwrap_or_default().to_owned(),
            idempotency_key: header(&head, "idempotency-key"),
            status,
        });
        let body =
            json!({"id": "cus_1", "object": "customer", "count": 7, "documents": [], "status": "ready"});
        let body = if accepted { body.to_string() } else { "{}".to_owned() };
        let answer = format!(
            "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim().to_owned())
}
