//! How a function's process starts: logs, TLS, outside services, its configuration, its state.
//!
//! Everything here happens once, before the first event. Where `AWS_ENDPOINT_URL` is set (the local stack's
//! emulator), the AWS clients go there without further settings.

use crate::services::CONNECT_TIMEOUT;
use crate::{ConfigError, Environment, SecretFailure, Services, log};
use aws_config::{BehaviorVersion, timeout::TimeoutConfig};
use aws_smithy_http_client::{Builder, tls};
use lambda_http::Error;
use std::process::ExitCode;
use std::sync::Once;
use std::time::Duration;
use terms::Clock;

/// The time for one attempt of an AWS call; the SDK makes three attempts in all.
const AWS_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum StartFailure {
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    #[error("a vendor's keys cannot be read")]
    Secret(#[from] SecretFailure),
    #[error("the HTTP client for vendors could not be built")]
    VendorClient(#[source] reqwest::Error),
    /// Something that is built from the configuration cannot be used.
    #[error("{what} cannot be used")]
    Unusable {
        /// Its name in a sentence: `the price book`.
        what: &'static str,
        #[source]
        source: Error,
    },
}

impl StartFailure {
    /// For `map_err`.
    pub fn unusable<E: Into<Error>>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::Unusable { what, source: source.into() }
    }
}

/// Starts a function with the state that `connect` makes of its environment, and serves events until the process
/// ends. Logs why it cannot start or continue.
pub(crate) async fn run<S: 'static>(
    connect: impl AsyncFnOnce(&Services, &Environment) -> Result<S, StartFailure>,
    serve: impl AsyncFnOnce(&'static S) -> Result<(), Error>,
) -> ExitCode {
    let services = start().await;
    let state = match connect(&services, &Environment::of_process()).await {
        // The process ends before its state does.
        Ok(state) => Box::leak(Box::new(state)),
        Err(failure) => {
            log::failure("the function cannot start", &failure);
            return ExitCode::FAILURE;
        }
    };
    match serve(state).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            log::failure("the Lambda runtime cannot be reached", failure.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Starts telemetry and TLS and reads the AWS configuration.
async fn start() -> Services {
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
    Services::new(config, Clock::system())
}

/// A panic's text may quote contents, so only its place is logged.
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
