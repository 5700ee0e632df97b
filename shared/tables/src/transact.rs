//! One `TransactWriteItems`, and what its response means.

use crate::Item;
use aws_sdk_dynamodb::{
    Client,
    config::retry::RetryConfig,
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};
use terms::{Failing, Meaning};

/// Why the table gave no usable response. It says nothing about the request: the caller responds 503.
#[derive(Debug, thiserror::Error)]
pub enum TableFailure {
    /// Refused or unreachable; nothing was written.
    #[error("DynamoDB did not carry out {operation}: {code}")]
    Unavailable {
        operation: &'static str,
        /// DynamoDB's error code or the transport's state.
        code: String,
    },
    /// The write may or may not have happened.
    #[error("the outcome of {operation} is unknown: {code}")]
    Unknown {
        operation: &'static str,
        /// DynamoDB's error code or the transport's state.
        code: String,
    },
    /// Every attempt met another writer's conflict or DynamoDB's throttling; nothing was written.
    #[error("{operation} conflicted with other writers in every attempt")]
    Contended { operation: &'static str },
    /// The item is of another kind, lacks a field or cannot be encoded.
    #[error("a {kind} item cannot be read or written: {reason}")]
    Undecodable { kind: &'static str, reason: String },
}

impl Failing for TableFailure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Contended { .. } => Meaning::Contended,
            Self::Unavailable { .. } | Self::Unknown { .. } => Meaning::TryAgain,
            Self::Undecodable { .. } => Meaning::Fault("record-damaged"),
        }
    }
}

/// A condition that did not hold.
#[derive(Debug)]
pub struct RefusedAt {
    /// Which action of the transaction, from 0.
    pub index: usize,
    /// The item as it was then: good for a response, never for a decision.
    pub found: Option<Item>,
}

/// Why a transaction was not, or perhaps not, carried out.
#[derive(Debug)]
pub enum TransactFailure {
    /// At least one condition did not hold.
    Refused(Vec<RefusedAt>),
    /// Only conflicts or throttling: nothing was written, a new attempt may succeed.
    Contended,
    /// Sent, but no response: read whether it took effect before anything else.
    Unknown(String),
    /// Definitely not carried out, and trying again does not help.
    Failed(String),
}

/// Writes all of `items` or none, without the SDK's retries: the caller reads again before each attempt. The failure
/// is chosen by **all** reasons of the cancellation.
pub async fn transact(client: &Client, items: Vec<TransactWriteItem>) -> Result<(), TransactFailure> {
    let once = aws_sdk_dynamodb::config::Builder::default().retry_config(RetryConfig::disabled());
    let sent = client
        .transact_write_items()
        .set_transact_items(Some(items))
        .customize()
        .config_override(once)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(()),
        Err(SdkError::ServiceError(context)) => Err(classify(context.err(), context.raw().status().as_u16())),
        Err(SdkError::ConstructionFailure(_)) => Err(TransactFailure::Failed("not sent".to_owned())),
        Err(SdkError::TimeoutError(_)) => Err(TransactFailure::Unknown("time-out".to_owned())),
        Err(SdkError::DispatchFailure(_)) => Err(TransactFailure::Unknown("connection".to_owned())),
        Err(_) => Err(TransactFailure::Unknown("unreadable answer".to_owned())),
    }
}

fn classify(error: &TransactWriteItemsError, status: u16) -> TransactFailure {
    if let TransactWriteItemsError::TransactionCanceledException(cancelled) = error {
        return classify_reasons(cancelled.cancellation_reasons());
    }
    let code = error.code().unwrap_or("no code").to_owned();
    if status >= 500 {
        return TransactFailure::Unknown(code);
    }
    if is_contention(&code) { TransactFailure::Contended } else { TransactFailure::Failed(code) }
}

/// Whether an error code says that another writer was in the way and nothing was written.
#[must_use]
pub fn is_contention(code: &str) -> bool {
    matches!(
        code,
        "TransactionConflict"
            | "TransactionConflictException"
            | "TransactionInProgressException"
            | "ProvisionedThroughputExceeded"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ThrottlingError"
            | "ThrottlingException"
    )
}

fn classify_reasons(reasons: &[CancellationReason]) -> TransactFailure {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    let refused: Vec<RefusedAt> = reasons
        .iter()
        .enumerate()
        .filter(|(_, reason)| code(reason) == "ConditionalCheckFailed")
        .map(|(index, reason)| RefusedAt {
            index,
            found: reason.item().cloned().filter(|item| !item.is_empty()),
        })
        .collect();
    if !refused.is_empty() {
        return TransactFailure::Refused(refused);
    }
    let in_the_way: Vec<String> = reasons.iter().map(code).filter(|code| code != "None").collect();
    if !in_the_way.is_empty() && in_the_way.iter().all(|code| is_contention(code)) {
        return TransactFailure::Contended;
    }
    TransactFailure::Failed(in_the_way.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(codes: &[&str]) -> Vec<CancellationReason> {
        codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect()
    }

    #[test]
    fn a_transaction_is_judged_by_all_of_its_reasons() {
        let conflict = classify_reasons(&reasons(&["None", "TransactionConflict", "None"]));
        assert!(matches!(conflict, TransactFailure::Contended));
        let throttled = classify_reasons(&reasons(&["ThrottlingError", "TransactionConflict"]));
        assert!(matches!(throttled, TransactFailure::Contended));
        let both = classify_reasons(&reasons(&["TransactionConflict", "ConditionalCheckFailed"]));
        assert!(matches!(both, TransactFailure::Refused(at) if at.len() == 1 && at[0].index == 1));
        let broken = classify_reasons(&reasons(&["ValidationError", "TransactionConflict"]));
        assert!(matches!(broken, TransactFailure::Failed(_)));
        assert!(matches!(classify_reasons(&[]), TransactFailure::Failed(_)));
    }
}
