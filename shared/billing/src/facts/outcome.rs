//! The outcome of handling a fact.

use crate::ReviewReason;

/// The outcome of a delivery. All of these are answered with 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOutcome {
    /// Credits were granted.
    Granted,
    /// They had been granted before.
    Replayed,
    /// An order's displayed state changed.
    OrderMoved,
    /// A refund or dispute was reversed, reinstated, or froze or unfroze the account.
    Reversed,
    /// A subscription's status was mirrored.
    SubscriptionMirrored,
    /// A top-up's charge ended without money.
    TopUpEnded,
    /// Ours, and nothing follows from it.
    NothingToDo,
    /// Not about anything of ours, or of a type that we do not handle.
    NotOurs,
    /// Put into manual review, with an alarm.
    ManualReview(ReviewReason),
}
