//! What can fail while costs are read or a report is produced: try again later.

use money::MoneyError;
use platform::ObjectFailure;
use tables::TableFailure;
use terms::{Failing, Meaning};

/// Why there is no answer now. None of these says anything about the request.
#[derive(Debug, thiserror::Error)]
pub enum CostsFailure {
    /// The month roll-ups cannot be read.
    #[error("the month roll-ups could not be read")]
    Ledger(#[from] ledger::Failure),
    /// The record of a frozen report cannot be read or written.
    #[error("the record of a month's report could not be read or written")]
    Record(#[from] TableFailure),
    /// A report's files cannot be read or written.
    #[error("a report's files could not be read or written")]
    Files(#[from] ObjectFailure),
    /// A sum is out of bounds.
    #[error("a sum of the month is out of bounds")]
    Sum(#[from] MoneyError),
    /// A count is out of bounds.
    #[error("a count of the month is out of bounds")]
    Count,
    /// The report has no text form.
    #[error("the report could not be written as JSON")]
    Json(#[from] serde_json::Error),
    /// The report has no CSV form.
    #[error("the report could not be written as CSV")]
    Csv(#[from] ::csv::Error),
    /// The file of a frozen report is gone.
    #[error("the file {key} of a frozen report is missing")]
    FileMissing {
        /// Its key.
        key: String,
    },
    /// The file of a frozen report is not what was frozen.
    #[error("the file {key} is not the report that was frozen")]
    FileAltered {
        /// Its key.
        key: String,
    },
}

impl Failing for CostsFailure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Ledger(failure) => failure.meaning(),
            Self::Record(failure) => failure.meaning(),
            Self::Files(failure) => failure.meaning(),
            Self::Sum(_) | Self::Count => Meaning::Fault("arithmetic"),
            Self::Json(_) | Self::Csv(_) => Meaning::Fault("report-unwritable"),
            Self::FileMissing { .. } => Meaning::Fault("record-missing"),
            Self::FileAltered { .. } => Meaning::Fault("record-damaged"),
        }
    }
}
