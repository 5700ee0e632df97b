//! Why billing could not answer.

use stripe_client::StripeFailure;
use tables::TableFailure;

/// No business answer: 503, and the same request or delivery may come again.
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
    /// A stored amount is out of range.
    #[error("an amount is out of range")]
    Amount(#[from] money::MoneyError),
}
