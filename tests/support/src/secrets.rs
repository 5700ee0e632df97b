//! A Secrets Manager: what is set is what the next reading finds.

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Answers `GetSecretValue`.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    secrets: BTreeMap<String, Value>,
    readings: usize,
}

impl Secrets {
    /// Sets a secret's JSON.
    pub fn set(&self, id: &str, secret: Value) {
        self.0.lock().expect("no panic while held").secrets.insert(id.to_owned(), secret);
    }

    /// How often a secret was read.
    #[must_use]
    pub fn readings(&self) -> usize {
        self.0.lock().expect("no panic while held").readings
    }
}

impl HttpConnector for Secrets {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).expect("JSON");
        let id = asked["SecretId"].as_str().unwrap_or_default();
        let mut state = self.0.lock().expect("no panic while held");
        state.readings += 1;
        let (status, body) = match state.secrets.get(id) {
            Some(secret) => (200, json!({"Name": id, "SecretString": secret.to_string()})),
            None => (400, json!({"__type": "ResourceNotFoundException"})),
        };
        let status = StatusCode::try_from(status).expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body.to_string()))))
    }
}
