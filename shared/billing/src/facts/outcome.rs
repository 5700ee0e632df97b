//! What handling a fact led to.

use crate::ReviewReason;

/// What became of a delivery. All of these are answered with 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOutcome {
    /// Credits were granted.
    Granted,
    /// They had been granted before.
    Replayed,
    /// An order moved to another displayed state.
    OrderMoved,
    /// A refund or dispute was reversed, reinstated, or froze or unfroze the account.
    Reversed,
    /// A subscription's status was mirrored.
    SubscriptionMirrored,
    /// A top-up's charge came to an end without money.
    TopUpEnded,
    /// Ours, and nothing follows from it.
    NothingToDo,
    /// Not about anything of ours, or of a type that we do not handle.
    NotOurs,
    /// Queued for manual review, with an alarm.
    ManualReview(ReviewReason),
}
