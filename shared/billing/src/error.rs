//! Why billing failed.

use crate::limits::STRIPE_BUSY_RETRY_SECONDS;
use money::MoneyError;
use stripe_client::StripeFailure;
use tables::{StillChanging, TableFailure};
use terms::{Failing, Meaning};

/// Not a business refusal. [`Failing::meaning`] says what it means for the caller; Stripe delivers again in any case.
#[derive(Debug, thiserror::Error)]
pub enum BillingFailure {
    #[error("the ledger failed")]
    Ledger(#[from] ledger::Failure),
    #[error("the work table failed")]
    Table(#[from] TableFailure),
    #[error("Stripe failed")]
    Stripe(#[source] StripeFailure),
    #[error("a queue failed")]
    Queue(#[source] platform::queue::QueueFailure),
    /// A record changed in several attempts.
    #[error(transparent)]
    Contended(#[from] StillChanging),
    /// A record that must exist does not: no repetition restores it.
    #[error("the {kind} {id} is missing in the books")]
    MissingRecord { kind: &'static str, id: String },
    /// A stored record contradicts itself.
    #[error("the {kind} of {id} cannot be as it is stored")]
    DamagedRecord { kind: &'static str, id: String },
    /// The ledger refused what it must not refuse.
    #[error("the ledger refused {object}")]
    UnexpectedRefusal {
        /// The alarm of this step.
        alarm: &'static str,
        /// The Stripe object or the request that the movement is about.
        object: String,
        #[source]
        refusal: ledger::Refusal,
    },
    /// A person decides.
    #[error("Stripe states an amount of {object} that no account can hold")]
    StatedAmount { object: String },
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
            Self::Contended(_) => Meaning::Contended,
            Self::MissingRecord { .. } => Meaning::Fault("record-missing"),
            Self::DamagedRecord { .. } => Meaning::Fault("record-damaged"),
            Self::UnexpectedRefusal { alarm, .. } => Meaning::Fault(alarm),
            Self::StatedAmount { .. } => Meaning::Fault("stated-amount"),
            Self::Arithmetic(_) => Meaning::Fault("arithmetic"),
        }
    }
}
