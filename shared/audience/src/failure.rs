//! Why a flow of contacts gave no answer.

use crate::limits;
use data_axle_client::DataAxleFailure;
use holds::HoldFailure;
use ledger::Failure;
use money::MoneyError;
use platform::{ObjectFailure, QueueFailure};
use recipients::RecipientsFailure;
use tables::{StillChanging, TableFailure};
use terms::{Failing, Meaning};

/// No answer. What it means for the caller: [`Failing::meaning`].
#[derive(Debug, thiserror::Error)]
pub enum AudienceFailure {
    /// The work table failed.
    #[error("a record of contacts was not read or written")]
    Table(#[from] TableFailure),
    /// The ledger failed.
    #[error("the ledger gave no answer")]
    Ledger(#[from] Failure),
    /// A hold was neither placed nor ended.
    #[error("the purchase's hold failed")]
    Hold(#[from] HoldFailure),
    /// An object was not read or written.
    #[error("an object of the content bucket was not read or written")]
    Object(#[from] ObjectFailure),
    /// The pages of contacts were not read or written.
    #[error("the contacts were not read or written")]
    Recipients(#[from] RecipientsFailure),
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
    /// A record that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Other writers were first in every attempt.
    #[error(transparent)]
    Contended(#[from] StillChanging),
}

impl Failing for AudienceFailure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Table(failure) => failure.meaning(),
            Self::Ledger(failure) => failure.meaning(),
            Self::Hold(failure) => failure.meaning(),
            Self::Object(failure) => failure.meaning(),
            Self::Recipients(failure) => failure.meaning(),
            Self::Queue(failure) => failure.meaning(),
            Self::Vendor(DataAxleFailure::Unauthorized { .. }) => Meaning::Misconfigured("data-axle-key"),
            Self::Vendor(_) => self
                .busy_seconds()
                .map_or(Meaning::TryAgain, |retry_after_seconds| Meaning::Busy { retry_after_seconds }),
            Self::Contended(_) => Meaning::Contended,
            Self::Amount(_) => Meaning::Fault("arithmetic"),
            Self::Pages(_) => Meaning::Fault("record-damaged"),
            Self::Missing(_) => Meaning::Fault("record-missing"),
        }
    }
}

impl AudienceFailure {
    /// Data Axle asks to slow down: when to ask again, in seconds.
    #[must_use]
    pub fn busy_seconds(&self) -> Option<u64> {
        let Self::Vendor(DataAxleFailure::Busy { retry_after }) = self else { return None };
        let asked = retry_after.map_or(limits::VENDOR_BUSY_SECONDS, |asked| asked.as_secs());
        Some(asked.clamp(1, limits::VENDOR_BUSY_SECONDS_MAX))
    }

    /// Data Axle refuses the filters as they are: asking again changes nothing, other filters may.
    #[must_use]
    pub fn is_filters_refused(&self) -> bool {
        matches!(self, Self::Vendor(DataAxleFailure::Rejected { .. }))
    }
}

/// Why a use case did not do what was asked: it is refused, and nothing was written, or it failed.
#[derive(Debug)]
pub enum AudienceError<R> {
    /// A business answer.
    Refused(R),
    /// No answer: the same may be asked again.
    Failed(AudienceFailure),
}

impl<R, F: Into<AudienceFailure>> From<F> for AudienceError<R> {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}
