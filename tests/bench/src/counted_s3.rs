//! How many requests of S3 were made, by what they are billed as.

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Requests so far. Clones share one count.
#[derive(Debug, Clone, Default)]
pub struct S3Count {
    gets: Arc<AtomicU64>,
    puts: Arc<AtomicU64>,
}

impl S3Count {
    #[must_use]
    pub fn gets(&self) -> u64 {
        self.gets.load(Ordering::SeqCst)
    }

    /// PUT, and LIST, which is billed as such.
    #[must_use]
    pub fn puts(&self) -> u64 {
        self.puts.load(Ordering::SeqCst)
    }

    fn count(&self, request: &HttpRequest) {
        let reads = matches!(request.method(), "GET" | "HEAD") && !request.uri().contains("list-type");
        let counter = if reads { &self.gets } else { &self.puts };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

#[derive(Debug)]
struct Counting {
    inner: SharedHttpConnector,
    count: S3Count,
}

impl HttpConnector for Counting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.count.count(&request);
        self.inner.call(request)
    }
}

#[must_use]
pub fn counted(inner: impl HttpConnector + 'static) -> (impl HttpConnector + 'static, S3Count) {
    let count = S3Count::default();
    (Counting { inner: SharedHttpConnector::new(inner), count: count.clone() }, count)
}
