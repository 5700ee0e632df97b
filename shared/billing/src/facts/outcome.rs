//! What handling a fact led to.

use crate::Quarantine;

/// What became of a delivery. All of these are answered with 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookAnswer {
    /// Credits were granted.
    Granted,
    /// They had been granted before.
    Replayed,
    /// An order moved to another displayed state.
    OrderMoved,
    /// A refund or dispute took, gave back, froze or lifted.
    Reversed,
    /// A subscription's standing was mirrored.
    StandingMirrored,
    /// A top-up's charge came to an end without money.
    TopUpEnded,
    /// Ours, and nothing follows from it.
    NothingToDo,
    /// Not about anything of ours, or of a type that we do not handle.
    NotOurs,
    /// Kept for a person, with an alarm.
    Quarantined(Quarantine),
}
