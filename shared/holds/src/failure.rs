//! Why a hold could be neither placed, ended nor refused.

use ledger::{Failure, Refusal};
use money::MoneyError;
use terms::{Failing, Meaning};

#[derive(Debug, thiserror::Error)]
pub enum HoldFailure {
    #[error("the ledger gave no answer")]
    Ledger(#[from] Failure),
    /// It is not above zero.
    #[error("the amount cannot be held")]
    Amount(#[from] MoneyError),
    /// A new hold was refused for a reason that only other movements have.
    #[error("the ledger refused a new hold: {0}")]
    PlaceRefused(#[source] Refusal),
    /// The end of a hold is never refused otherwise.
    #[error("the ledger refused the end of a hold: {0}")]
    EndRefused(#[source] Refusal),
}

impl Failing for HoldFailure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Ledger(failure) => failure.meaning(),
            Self::Amount(_) => Meaning::Fault("arithmetic"),
            Self::PlaceRefused(_) => Meaning::Fault("hold-refused"),
            Self::EndRefused(_) => Meaning::Fault("end-refused"),
        }
    }
}
