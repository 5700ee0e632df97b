//! Events of a schedule, and other JSON events of the same function.

use crate::{Environment, Services, StartFailure, start};
use futures::FutureExt;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use std::future::Future;
use std::process::ExitCode;

/// Starts a function and serves its events until the process ends; all that its `main` does. After an error the
/// sender of the event tries again.
pub async fn serve<S, H, F>(
    connect: impl AsyncFnOnce(&Services, &Environment) -> Result<S, StartFailure>,
    handle: H,
) -> ExitCode
where
    S: 'static,
    H: Fn(&'static S, LambdaEvent<Value>) -> F,
    F: Future<Output = Result<Value, Error>>,
{
    start::run(connect, async |state| {
        // Boxed: in place a flow nests deeper than the compiler lays out.
        let service = service_fn(|event| handle(state, event).boxed_local());
        lambda_runtime::run(service).await
    })
    .await
}
