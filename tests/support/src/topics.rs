//! A recorder of what is published to topics: what SNS would have handed on, in order.

use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

const TAKEN: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
    <MessageId>m</MessageId></PublishResult></PublishResponse>";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub topic: String,
    pub subject: String,
    pub message: String,
    pub attributes: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct State {
    published: Vec<Published>,
    failures: u32,
    losses: u32,
}

/// Takes messages as SNS's `Publish` does.
#[derive(Debug, Clone, Default)]
pub struct Topics(Arc<Mutex<State>>);

impl Topics {
    /// Everything published so far, oldest first.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.0.lock().expect("no panic while held").published.clone()
    }

    /// The next requests fail before SNS sees them.
    pub fn fail_next(&self, requests: u32) {
        self.0.lock().expect("no panic while held").failures = requests;
    }

    /// SNS hands on the messages of the next requests, and its answers are lost.
    pub fn lose_next(&self, requests: u32) {
        self.0.lock().expect("no panic while held").losses = requests;
    }
}

impl HttpConnector for Topics {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.0.lock().expect("no panic while held");
        if state.failures > 0 {
            state.failures -= 1;
            return HttpConnectorFuture::ready(Err(ConnectorError::io("a planned fault".into())));
        }
        let body = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        state.published.push(published(&body));
        if state.losses > 0 {
            state.losses -= 1;
            return HttpConnectorFuture::ready(Err(ConnectorError::io("a planned loss".into())));
        }
        let status = StatusCode::try_from(200).expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(TAKEN))))
    }
}

fn published(body: &str) -> Published {
    let fields: BTreeMap<String, String> = serde_qs::from_str(body).expect("the SDK sends a form to SNS");
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    assert_eq!(field("Action"), "Publish", "tests publish only");
    let attributes = (1..).map_while(|at| {
        let name = fields.get(&format!("MessageAttributes.entry.{at}.Name"))?;
        Some((name.clone(), field(&format!("MessageAttributes.entry.{at}.Value.StringValue"))))
    });
    Published {
        topic: field("TopicArn"),
        subject: field("Subject"),
        message: field("Message"),
        attributes: attributes.collect(),
    }
}
