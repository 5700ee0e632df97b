//! Verifying a whole statement: gap-free, chained, consistent, and complete up to the account's latest entry.

use crate::{Entry, EntryKind, Hash};
use money::Money;

/// The first fault of a statement, with the number of its entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementFault {
    #[error("entry {expected} is missing: entry {found} is in its place")]
    Gap { expected: u64, found: u64 },
    #[error("entry {0} does not continue the balances before it")]
    Chain(u64),
    /// The entry's own figures contradict each other.
    #[error("entry {0} does not add up")]
    Arithmetic(u64),
    /// The hash is not that of its contents and the hash before it.
    #[error("the hash of entry {0} does not match its contents")]
    Hash(u64),
    #[error("entry {0} was recorded before the one before it")]
    Time(u64),
    #[error("the statement's last hash is not the account's latest hash")]
    Head,
}

/// Verifies an unfiltered statement in order of its numbers, from 1, and returns the first fault. `head` is the
/// account's latest hash.
pub fn verify(entries: &[Entry], head: Hash) -> Result<(), StatementFault> {
    let mut previous: Option<&Entry> = None;
    for (expected, entry) in (1..).zip(entries) {
        if entry.seq != expected {
            return Err(StatementFault::Gap { expected, found: entry.seq });
        }
        let (available, held, hash) = previous.map_or((Money::ZERO, Money::ZERO, Hash::ZERO), |last| {
            (last.available_after, last.held_after, last.hash)
        });
        if entry.available_before != available || entry.held_before != held {
            return Err(StatementFault::Chain(entry.seq));
        }
        if entry.previous_hash != hash || entry.hash != entry.computed_hash() {
            return Err(StatementFault::Hash(entry.seq));
        }
        if previous.is_some_and(|last| entry.recorded_at < last.recorded_at) {
            return Err(StatementFault::Time(entry.seq));
        }
        if !adds_up(entry) {
            return Err(StatementFault::Arithmetic(entry.seq));
        }
        previous = Some(entry);
    }
    let end = previous.map_or(Hash::ZERO, |last| last.hash);
    if end == head { Ok(()) } else { Err(StatementFault::Head) }
}

/// The arithmetic of each kind, as in SPECIFICATION.md. A refund that ends a hold differs from one that draws from
/// lots by the change of the held credits; a correction is judged by its sign.
fn adds_up(entry: &Entry) -> bool {
    let change = |after: Money, before: Money| after.minus(before).ok();
    let available = change(entry.available_after, entry.available_before);
    let held = change(entry.held_after, entry.held_before);
    let (Some(available), Some(held)) = (available, held) else { return false };
    let sum = available.plus(held).ok();
    let zero = Some(Money::ZERO);
    if !lots_add_up(entry, available) {
        return false;
    }
    match entry.kind {
        EntryKind::Hold => Some(available) == Some(entry.amount) && sum == zero && entry.amount.is_negative(),
        EntryKind::Release => {
            Some(available) == Some(entry.amount) && sum == zero && entry.amount.is_positive()
        }
        EntryKind::Charge => {
            entry.amount.is_negative()
                && sum == Some(entry.amount)
                && !available.is_negative()
                && held.is_negative()
        }
        EntryKind::Refund if held.is_negative() => {
            entry.amount.is_negative() && sum == Some(entry.amount) && !available.is_negative()
        }
        EntryKind::Expiry | EntryKind::Refund | EntryKind::Dispute => {
            entry.amount.is_negative() && available == entry.amount && held.is_zero()
        }
        EntryKind::Adjustment => !entry.amount.is_zero() && available == entry.amount && held.is_zero(),
        EntryKind::Frozen | EntryKind::Unfrozen => {
            entry.amount.is_zero() && available.is_zero() && held.is_zero()
        }
        EntryKind::Purchase
        | EntryKind::TopUp
        | EntryKind::Opening
        | EntryKind::Subscription
        | EntryKind::Promotional
        | EntryKind::RefundUndone
        | EntryKind::DisputeReturned
        | EntryKind::CreditBack => entry.amount.is_positive() && available == entry.amount && held.is_zero(),
    }
}

/// The lots add up to the amount. While there is a deficit, less than the amount reaches the lots or comes from them.
fn lots_add_up(entry: &Entry, available: Money) -> bool {
    let sum = |negative: bool| {
        let amounts = entry.lots.iter().map(|part| part.amount);
        Money::sum(amounts.filter(|amount| amount.is_negative() == negative && !amount.is_zero())).ok()
    };
    let (Some(drawn), Some(returned)) = (sum(true), sum(false)) else { return false };
    match entry.kind {
        EntryKind::Hold | EntryKind::Expiry => drawn == entry.amount && returned.is_zero(),
        EntryKind::Charge => drawn == entry.amount && returned <= available,
        EntryKind::Refund if entry.held_after < entry.held_before => {
            drawn == entry.amount && returned <= available
        }
        EntryKind::Adjustment if entry.amount.is_negative() => drawn == entry.amount && returned.is_zero(),
        EntryKind::Refund | EntryKind::Dispute => drawn >= entry.amount && returned.is_zero(),
        EntryKind::Frozen | EntryKind::Unfrozen => entry.lots.is_empty(),
        EntryKind::Release
        | EntryKind::CreditBack
        | EntryKind::RefundUndone
        | EntryKind::DisputeReturned
        | EntryKind::Adjustment
        | EntryKind::Purchase
        | EntryKind::TopUp
        | EntryKind::Opening
        | EntryKind::Subscription
        | EntryKind::Promotional => drawn.is_zero() && returned <= entry.amount,
    }
}
