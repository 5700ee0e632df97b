//! How a function's process starts: logs, TLS, the AWS clients and the one client for vendors.
//!
//! Everything here happens once, before the first event. Where `AWS_ENDPOINT_URL` is set (the local stack's
//! emulator), the AWS clients go there without further settings.

use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{Builder, tls};
use std::sync::Once;
use std::time::Duration;

/// How long a connection may take to open, to AWS as to vendors.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long one call of a vendor may take in all (design, limits).
const VENDOR_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one attempt of an AWS call may take; the SDK then tries again, three attempts in all.
const AWS_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle vendor connections are dropped early: after a pause of the process the far end has often closed them,
/// and a request lost on such a connection has an unknown outcome.
const VENDOR_IDLE: Duration = Duration::from_secs(20);

/// Why a process cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartFailure {
    /// The client for vendors could not be built.
    #[error("the HTTP client for vendors could not be built")]
    VendorClient(#[source] reqwest::Error),
}

/// The shared AWS configuration; hands out clients.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
}

/// Starts telemetry and TLS and reads the AWS configuration. Call it once, first in `main`.
///
/// # Errors
/// None at present; a process that cannot start says so here.
pub async fn start() -> Result<Aws, StartFailure> {
    lambda_http::tracing::init_default_subscriber();
    tell_only_the_place_of_panics();
    install_crypto();
    let http = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(AWS_ATTEMPT_TIMEOUT)
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .load()
        .await;
    Ok(Aws::with(config))
}

/// A panic's words may quote what was being worked on, so only its place is logged.
fn tell_only_the_place_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        tracing::error!(at, "panic");
    }));
}

/// Makes ring this process's TLS provider; later calls do nothing.
pub fn install_crypto() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        if rustls::crypto::ring::default_provider().install_default().is_err() {
            tracing::warn!("another TLS provider was installed before ring");
        }
    });
}

/// The one pooled client for vendors: follows no redirect, asks no proxy, 10 s in all.
///
/// # Errors
/// [`StartFailure::VendorClient`] when TLS cannot be set up.
pub fn vendor_client() -> Result<reqwest::Client, StartFailure> {
    install_crypto();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(VENDOR_TIMEOUT)
        .pool_idle_timeout(VENDOR_IDLE)
        .user_agent("droplab-credits")
        .build()
        .map_err(StartFailure::VendorClient)
}

impl Aws {
    /// Over a configuration made elsewhere; tests put their own HTTP client into it.
    #[must_use]
    pub fn with(config: SdkConfig) -> Self {
        Self { config }
    }

    /// The configuration, for a client that is not offered here.
    #[must_use]
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// A client of DynamoDB.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// A client of SQS.
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }

    /// A client of S3; addresses buckets by path where an endpoint is given, since that host has no bucket
    /// names.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(self.config.endpoint_url().is_some())
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// A client of Secrets Manager.
    #[must_use]
    pub fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendor_client_is_built_however_often_it_is_asked() {
        assert!(vendor_client().is_ok());
        assert!(vendor_client().is_ok());
    }
}
