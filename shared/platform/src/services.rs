//! What a function reaches outside its process: AWS, the vendors' HTTP, the time.

use crate::StartFailure;
use aws_config::SdkConfig;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use terms::Clock;
use vendor_http::Http;

/// How long opening a connection may take, to AWS as to vendors.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long one call of a vendor may take in all.
const VENDOR_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle vendor connections are dropped early: after a pause of the process the other side has often closed them, and
/// a request lost on such a connection has an unknown outcome.
const VENDOR_IDLE: Duration = Duration::from_secs(20);

/// Passed to a function's `connect`. Clones share their clients; a client is made when it is first needed.
#[derive(Debug, Clone)]
pub struct Services(Arc<Clients>);

#[derive(Debug)]
struct Clients {
    aws: SdkConfig,
    clock: Clock,
    vendors: OnceLock<Http>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    secrets: OnceLock<aws_sdk_secretsmanager::Client>,
}

impl Services {
    /// Vendors are reached over the network.
    #[must_use]
    pub fn new(aws: SdkConfig, clock: Clock) -> Self {
        Self(Arc::new(Clients {
            aws,
            clock,
            vendors: OnceLock::new(),
            dynamodb: OnceLock::new(),
            sqs: OnceLock::new(),
            sns: OnceLock::new(),
            s3: OnceLock::new(),
            secrets: OnceLock::new(),
        }))
    }

    /// Vendors are reached by `vendors`.
    #[must_use]
    pub fn with_vendors(aws: SdkConfig, clock: Clock, vendors: Http) -> Self {
        let services = Self::new(aws, clock);
        services.0.vendors.get_or_init(|| vendors);
        services
    }

    #[must_use]
    pub fn clock(&self) -> Clock {
        self.0.clock.clone()
    }

    /// Fails when TLS cannot be set up.
    pub fn vendors(&self) -> Result<Http, StartFailure> {
        if let Some(vendors) = self.0.vendors.get() {
            return Ok(vendors.clone());
        }
        let vendors = Http::from(vendor_client()?);
        Ok(self.0.vendors.get_or_init(|| vendors).clone())
    }

    #[must_use]
    pub fn aws(&self) -> &SdkConfig {
        &self.0.aws
    }

    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        self.0.dynamodb.get_or_init(|| aws_sdk_dynamodb::Client::new(&self.0.aws)).clone()
    }

    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        self.0.sqs.get_or_init(|| aws_sdk_sqs::Client::new(&self.0.aws)).clone()
    }

    #[must_use]
    pub fn sns(&self) -> aws_sdk_sns::Client {
        self.0.sns.get_or_init(|| aws_sdk_sns::Client::new(&self.0.aws)).clone()
    }

    /// Addresses buckets by path where an endpoint is given, since that host has no bucket names.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let client = || {
            let config = aws_sdk_s3::config::Builder::from(&self.0.aws)
                .force_path_style(self.0.aws.endpoint_url().is_some())
                .build();
            aws_sdk_s3::Client::from_conf(config)
        };
        self.0.s3.get_or_init(client).clone()
    }

    #[must_use]
    pub fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        self.0.secrets.get_or_init(|| aws_sdk_secretsmanager::Client::new(&self.0.aws)).clone()
    }
}

/// The one pooled client for vendors: no redirects, no proxy, 10 s in all. Fails when TLS cannot be set up.
pub fn vendor_client() -> Result<reqwest::Client, StartFailure> {
    crate::install_crypto();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendor_client_is_built_however_often_it_is_asked() {
        assert!(vendor_client().is_ok());
        assert!(vendor_client().is_ok());
    }
}
