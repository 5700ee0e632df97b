//! Why printing gave no answer.

use holds::HoldFailure;
use ledger::Failure;
use money::MoneyError;
use platform::{ObjectFailure, QueueFailure};
use recipients::RecipientsFailure;
use tables::{StillChanging, TableFailure};
use terms::{Failing, Meaning};

/// No answer. What it means for the caller: [`Failing::meaning`].
#[derive(Debug, thiserror::Error)]
pub enum PrintingFailure {
    /// The work table failed.
    #[error("a record of printing was not read or written")]
    Table(#[from] TableFailure),
    /// A hold was neither placed nor ended.
    #[error("the job's hold failed")]
    Hold(#[from] HoldFailure),
    /// An object was not read or written.
    #[error("an object of the content bucket was not read or written")]
    Object(#[from] ObjectFailure),
    /// A message was not queued.
    #[error("a message was not queued")]
    Queue(#[from] QueueFailure),
    /// A price times a quantity left the range of money.
    #[error("an amount is out of range")]
    Amount(#[from] MoneyError),
    /// The recipients were not read.
    #[error("the recipients were not read")]
    Recipients(#[from] RecipientsFailure),
    /// A record that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Artwork that was pinned is gone.
    #[error("pinned artwork is gone")]
    ArtworkGone,
    /// Other writers were first in every attempt.
    #[error(transparent)]
    Contended(#[from] StillChanging),
}

impl Failing for PrintingFailure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Table(failure) => failure.meaning(),
            Self::Hold(failure) => failure.meaning(),
            Self::Object(failure) => failure.meaning(),
            Self::Queue(failure) => failure.meaning(),
            Self::Contended(_) => Meaning::Contended,
            Self::Amount(_) => Meaning::Fault("arithmetic"),
            Self::Recipients(failure) => failure.meaning(),
            Self::Missing(_) | Self::ArtworkGone => Meaning::Fault("record-missing"),
        }
    }
}

impl PrintingFailure {
    /// Whether a table, bucket or queue of ours gave no answer: the work is not at fault and comes again, however
    /// long that takes.
    #[must_use]
    pub fn is_an_outage(&self) -> bool {
        match self {
            Self::Table(failure) | Self::Hold(HoldFailure::Ledger(Failure::Table(failure))) => {
                !matches!(failure, TableFailure::Undecodable { .. })
            }
            Self::Object(_)
            | Self::Recipients(RecipientsFailure::Object(_))
            | Self::Queue(_)
            | Self::Contended(_) => true,
            Self::Hold(_)
            | Self::Amount(_)
            | Self::Recipients(RecipientsFailure::Damaged(_))
            | Self::Missing(_)
            | Self::ArtworkGone => false,
        }
    }
}

/// Why a use case did not do what was asked: it is refused, and nothing was written, or it failed.
#[derive(Debug)]
pub enum PrintingError<R> {
    /// A business answer.
    Refused(R),
    /// No answer: the same may be asked again.
    Failed(PrintingFailure),
}

impl<R, F: Into<PrintingFailure>> From<F> for PrintingError<R> {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}
