//! SNS: `support`'s recorder, with faults drawn for each call, and which messages may have to come again.

use crate::core::Core;
use crate::plan::Planned;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use support::{Published, Topics};

/// As the functions' clients are configured (platform's `start`).
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// As SNS refuses what comes too fast.
const THROTTLED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttled</Code>\
                         <Message>slower</Message></Error><RequestId>r</RequestId></ErrorResponse>";

#[derive(Debug, Clone)]
pub struct Alerted {
    core: Core,
    topics: Topics,
    sent: Arc<Mutex<Vec<(Published, usize)>>>,
}

impl Alerted {
    #[must_use]
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone(), topics: Topics::default(), sent: Arc::default() }
    }

    fn sent(&self) -> MutexGuard<'_, Vec<(Published, usize)>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything published, and whether its sender met trouble then or later: then it may come again.
    #[must_use]
    pub fn published(&self) -> Vec<(Published, bool)> {
        self.sent().iter().map(|(what, mark)| (what.clone(), self.core.met_trouble(*mark))).collect()
    }

    fn draw(&self) -> Option<Planned> {
        let core = &self.core;
        if !core.chance(core.weather().sns) {
            return None;
        }
        let (name, drawn) = match core.below(3) {
            0 => ("SNS: no connection", Planned::FailsBefore),
            1 => ("SNS: throttled", Planned::Throttled),
            _ => ("SNS: published, and the answer is lost", Planned::FailsAfter),
        };
        core.injected(name);
        Some(drawn)
    }

    async fn publish(&self, request: HttpRequest, spoiled: bool) -> Result<HttpResponse, ConnectorError> {
        let answer = self.topics.call(request).await;
        let published = self.topics.published();
        self.sent().extend(published.last().map(|what| (what.clone(), self.core.mark(spoiled))));
        answer
    }
}

impl HttpConnector for Alerted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let alerted = self.clone();
        HttpConnectorFuture::new(async move {
            let core = &alerted.core;
            core.note_permissions(vec!["sns:Publish alerts".to_owned()]);
            let planned = core.reach("SNS Publish alerts").await;
            let drawn = planned.or_else(|| alerted.draw());
            match drawn {
                Some(Planned::FailsBefore) => return Err(ConnectorError::io("no connection".into())),
                Some(Planned::Throttled | Planned::Conflict) => {
                    let status = StatusCode::try_from(400).expect("a status");
                    return Ok(HttpResponse::new(status, SdkBody::from(THROTTLED)));
                }
                Some(Planned::Twice) => {
                    let once = request.try_clone().expect("a body in memory");
                    let _ = alerted.publish(once, true).await;
                }
                _ => {}
            }
            let spoiled = matches!(drawn, Some(Planned::FailsAfter | Planned::TimesOut));
            let answer = alerted.publish(request, spoiled).await;
            core.effected(planned).await;
            match drawn {
                Some(Planned::FailsAfter) => Err(ConnectorError::io("the answer is lost".into())),
                Some(Planned::TimesOut) => {
                    tokio::time::sleep(ATTEMPT_TIMEOUT).await;
                    Err(ConnectorError::timeout("the attempt took too long".into()))
                }
                _ => answer,
            }
        })
    }
}
