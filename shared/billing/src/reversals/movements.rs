//! The movements of refunds and disputes: their causes, fingerprints and descriptions.

use super::apply::Movable;
use crate::{News, Step};
use ledger::{Cause, CauseKind, Command, FrozenReason, Movement, TakeKind};
use terms::{Actor, Fingerprint};

pub(super) fn taking_cause(kind: TakeKind, object: &str) -> Cause {
    let cause = match kind {
        TakeKind::Refund => CauseKind::Refund,
        TakeKind::Dispute => CauseKind::DisputeTaken,
    };
    Cause::new(cause, object)
}

pub(super) fn freezing(movable: &Movable<'_>) -> Movement {
    let object = movable.reported.news.object.clone();
    // An appeal has causes of its own: those of the dispute have had their effect.
    let named = match movable.next.step {
        Step::FreezeAgain | Step::UnfreezeAgain => format!("{object}/appeal"),
        _ => object.clone(),
    };
    if matches!(movable.next.step, Step::Freeze | Step::FreezeAgain) {
        let cause = Cause::new(CauseKind::Frozen, named);
        return movement(movable, cause, Command::Freeze { object, reason: FrozenReason::Dispute });
    }
    movement(movable, Cause::new(CauseKind::Unfrozen, named), Command::Unfreeze { object })
}

/// The vendor's own figures and ids only: the same news has the same fingerprint, however it reached us.
pub(super) fn movement(movable: &Movable<'_>, cause: Cause, command: Command) -> Movement {
    let Movable { grant, reported, told, .. } = movable;
    let News { object, amount, kind, .. } = &reported.news;
    let (what, of) = match kind {
        TakeKind::Refund => ("Refund", "refund"),
        TakeKind::Dispute => ("Dispute", "dispute"),
    };
    let description = match command {
        Command::GiveBack { .. } => format!("{what} of ${amount} undone"),
        Command::Freeze { .. } => format!("{what} of ${amount} opened: spending stops"),
        Command::Unfreeze { .. } => format!("{what} of ${amount} ended"),
        _ => format!("{what} of ${amount} of {}", grant.source()),
    };
    let organization = grant.organization().clone();
    let fingerprint =
        Fingerprint::of(&[organization.as_str(), of, object, &amount.to_string(), "usd", grant.source()]);
    Movement {
        organization,
        cause,
        fingerprint,
        actor: Actor::stripe(),
        occurred_at: Some(told.occurred_at),
        description,
        command,
    }
}
