//! A gate before the table: one transaction waits at it, so that a test decides who comes first.

use crate::Dynamo;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::HttpRequest,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::Notify;

/// Holds back the first transaction that comes to it; all later ones pass.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    came: Arc<AtomicBool>,
    reached: Arc<Notify>,
    opened: Arc<Notify>,
}

impl Gate {
    /// Waits until a transaction stands at the gate: what it was decided on has been read.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    pub fn open(&self) {
        self.opened.notify_one();
    }

    pub(crate) fn before(&self, dynamo: Dynamo) -> GatedDynamo {
        GatedDynamo { gate: self.clone(), dynamo }
    }
}

#[derive(Debug)]
pub(crate) struct GatedDynamo {
    gate: Gate,
    dynamo: Dynamo,
}

impl HttpConnector for GatedDynamo {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let is_write = target.ends_with(".TransactWriteItems");
        if !is_write || self.gate.came.swap(true, Ordering::SeqCst) {
            return self.dynamo.call(request);
        }
        let (gate, dynamo) = (self.gate.clone(), self.dynamo.clone());
        HttpConnectorFuture::new(async move {
            gate.reached.notify_one();
            gate.opened.notified().await;
            dynamo.call(request).await
        })
    }
}
