//! Why a flow of contacts gave no answer.

use data_axle_client::DataAxleFailure;
use ledger::Failure;
use money::MoneyError;
use platform::{ObjectFailure, QueueFailure};
use tables::TableFailure;

/// No answer: 503 with Retry-After, or the queue's message comes again.
#[derive(Debug, thiserror::Error)]
pub enum AudienceFailure {
    /// The work table failed.
    #[error("a record of contacts was not read or written")]
    Table(#[from] TableFailure),
    /// The ledger failed.
    #[error("the ledger gave no answer")]
    Ledger(#[from] Failure),
    /// An object was not read or written.
    #[error("an object of the content bucket was not read or written")]
    Object(#[from] ObjectFailure),
    /// A message was not queued.
    #[error("a message was not queued")]
    Queue(#[from] QueueFailure),
    /// A price times a quantity left the range of money.
    #[error("an amount is out of range")]
    Amount(#[from] MoneyError),
    /// Data Axle did not count.
    #[error("the vendor did not answer")]
    Vendor(#[from] DataAxleFailure),
    /// What is stored of a purchase and its record do not agree. Never quotes what is stored.
    #[error("the stored contacts cannot be read: {0}")]
    Pages(&'static str),
    /// Other writers kept winning.
    #[error("{0} kept changing")]
    Contended(&'static str),
    /// The ledger refused what it may not refuse.
    #[error("the ledger refused the end of a purchase: {0}")]
    EndRefused(ledger::Refusal),
}

impl AudienceFailure {
    /// Data Axle refuses the filters as they are: asking again changes nothing, other filters may.
    #[must_use]
    pub fn is_filters_refused(&self) -> bool {
        matches!(self, Self::Vendor(DataAxleFailure::Rejected { .. }))
    }
}
