//! Why billing could not answer.

use crate::limits::STRIPE_BUSY_RETRY_SECONDS;
use money::MoneyError;
use stripe_client::StripeFailure;
use tables::TableFailure;
use terms::{Failing, Meaning};

/// No business answer. What it means for the caller: [`Failing::meaning`]; Stripe delivers again in any case.
#[derive(Debug, thiserror::Error)]
pub enum BillingFailure {
    /// The ledger failed.
    #[error("the ledger failed")]
    Ledger(#[from] ledger::Failure),
    /// The business records failed.
    #[error("the work table failed")]
    Table(#[from] TableFailure),
    /// Stripe failed.
    #[error("Stripe failed")]
    Stripe(#[source] StripeFailure),
    /// A message could not be sent.
    #[error("a queue failed")]
    Queue(#[source] platform::queue::QueueFailure),
    /// A record changed under several attempts.
    #[error("a record kept changing")]
    Contended,
    /// A record of the books that must exist does not: no repetition brings it back.
    #[error("the {kind} {id} is missing in the books")]
    MissingRecord {
        /// What kind of record.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// A record of the books says what it cannot say.
    #[error("the {kind} of {id} cannot be as it is stored")]
    DamagedRecord {
        /// What kind of record.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// The ledger refused what it must not refuse.
    #[error("the ledger refused {object}")]
    UnexpectedRefusal {
        /// The alarm of this step.
        alarm: &'static str,
        /// The Stripe object or the request that the movement is about.
        object: String,
        /// What the ledger answered.
        #[source]
        refusal: ledger::Refusal,
    },
    /// Stripe states an amount that no account can hold: a person decides.
    #[error("Stripe states an amount of {object} that no account can hold")]
    StatedAmount {
        /// The Stripe object.
        object: String,
    },
    /// A sum of our own is out of range.
    #[error("a sum of our own is out of range")]
    Arithmetic(#[from] MoneyError),
}

impl BillingFailure {
    pub(crate) fn missing(kind: &'static str, id: impl ToString) -> Self {
        Self::MissingRecord { kind, id: id.to_string() }
    }

    pub(crate) fn refused(alarm: &'static str, object: impl ToString, refusal: ledger::Refusal) -> Self {
        Self::UnexpectedRefusal { alarm, object: object.to_string(), refusal }
    }
}

impl Failing for BillingFailure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Ledger(failure) => failure.meaning(),
            Self::Table(failure) => failure.meaning(),
            Self::Queue(failure) => failure.meaning(),
            Self::Stripe(StripeFailure::Unauthorized { status: 403 }) => {
                Meaning::Misconfigured("stripe-permission")
            }
            Self::Stripe(StripeFailure::Unauthorized { .. }) => Meaning::Misconfigured("stripe-key"),
            Self::Stripe(StripeFailure::RateLimited) => {
                Meaning::Busy { retry_after_seconds: STRIPE_BUSY_RETRY_SECONDS }
            }
            Self::Stripe(_) => Meaning::TryAgain,
            Self::Contended => Meaning::Contended,
            Self::MissingRecord { .. } => Meaning::Fault("record-missing"),
            Self::DamagedRecord { .. } => Meaning::Fault("record-damaged"),
            Self::UnexpectedRefusal { alarm, .. } => Meaning::Fault(alarm),
            Self::StatedAmount { .. } => Meaning::Fault("stated-amount"),
            Self::Arithmetic(_) => Meaning::Fault("arithmetic"),
        }
    }
}
