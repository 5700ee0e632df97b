//! Why costs cannot be read or a report cannot be produced.

use money::MoneyError;
use platform::ObjectFailure;
use tables::TableFailure;
use terms::{Failing, Meaning};

/// None of these says anything about the request.
#[derive(Debug, thiserror::Error)]
pub enum CostsFailure {
    #[error("the month roll-ups could not be read")]
    Ledger(#[from] ledger::Failure),
    #[error("the record of a month's report could not be read or written")]
    Record(#[from] TableFailure),
    #[error("a report's files could not be read or written")]
    Files(#[from] ObjectFailure),
    #[error("a sum of the month is out of bounds")]
    Sum(#[from] MoneyError),
    #[error("a count of the month is out of bounds")]
    Count,
    #[error("the report could not be written as JSON")]
    Json(#[from] serde_json::Error),
    #[error("the report could not be written as CSV")]
    Csv(#[from] ::csv::Error),
    #[error("the file {key} of a frozen report is missing")]
    FileMissing { key: String },
    #[error("the file {key} is not the report that was frozen")]
    FileAltered { key: String },
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
