//! The movements of refunds and disputes: their causes, fingerprints and descriptions.

use crate::{
    Billing, BillingFailure, News, Step,
    reversals::{
        lots::{TakenFrom, parts_to_return},
        reported::Movable,
    },
};
use ledger::{Cause, CauseKind, Command, FrozenReason, Movement, Part, TakeKind};
use money::{Money, PositiveMoney};
use terms::{Actor, Fingerprint, HoldId};

impl Billing {
    pub(super) fn taking(&self, movable: &Movable<'_>, credits: Money) -> Result<Movement, BillingFailure> {
        let Movable { grant_ref, reported, request, .. } = movable;
        let amount = PositiveMoney::new(credits)?;
        let kind = reported.news.kind;
        let of_request = || request.as_ref().map(|request| HoldId::from(&request.record.id));
        let of_freeze = || movable.grant.freeze().hold.as_deref().and_then(|hold| HoldId::parse(hold).ok());
        let grant = *grant_ref;
        let take = Command::Take { kind, amount, grant };
        let command = match taken_from(movable) {
            TakenFrom::Lots => Some(take.clone()),
            TakenFrom::Request => {
                of_request().map(|hold| Command::SettleRefund { hold, amount, grant_seq: grant.seq })
            }
            TakenFrom::RequestAndLots => {
                of_request().map(|hold| Command::TakeHeld { hold, kind, amount, grant })
            }
            TakenFrom::Freeze => of_freeze().map(|hold| Command::TakeHeld { hold, kind, amount, grant }),
        };
        let command = command.unwrap_or(take);
        Ok(movement(movable, taking_cause(kind, &reported.news.object), command))
    }

    pub(super) async fn giving_back(
        &self,
        movable: &Movable<'_>,
        credits: Money,
    ) -> Result<Movement, BillingFailure> {
        let Movable { grant, grant_ref, reported, .. } = movable;
        let (taking_seq, taken) = self.taking_of(movable).await?;
        let own = Part {
            lot: grant_ref.seq,
            kind: grant_ref.kind,
            source: grant.source().to_owned(),
            amount: Money::ZERO,
            expires_at: grant.expires_at(),
        };
        let parts = parts_to_return(&taken, credits, &own)?;
        let kind = reported.news.kind;
        let cause = match kind {
            TakeKind::Refund => CauseKind::RefundUndone,
            TakeKind::Dispute => CauseKind::DisputeReturned,
        };
        let cause = Cause::new(cause, reported.news.object.clone());
        Ok(movement(movable, cause, Command::GiveBack { kind, parts, taking_seq }))
    }

    /// The entry that took the credits, and what it drew of lots. Where refunds and disputes exceeded the
    /// payment, an object's own taking may have taken nothing: then it is the largest of the grant's.
    async fn taking_of(&self, movable: &Movable<'_>) -> Result<(u64, Vec<Part>), BillingFailure> {
        let Movable { grant, reported, .. } = movable;
        let objects = &grant.reversals().objects;
        let own = objects.get_key_value(&reported.news.object);
        let own = own.filter(|(_, reversal)| reversal.taken.is_some_and(Money::is_positive));
        let largest = || objects.iter().max_by_key(|(_, reversal)| reversal.taken);
        let missing = |what| BillingFailure::missing(what, &reported.news.object);
        let (object, reversal) = own.or_else(largest).ok_or_else(|| missing("reversal"))?;
        let cause = taking_cause(reversal.kind, object);
        let recorded = self.ledger.find(&cause).await?.ok_or_else(|| missing("entry of the reversal"))?;
        let seq = recorded.receipt.seq;
        let entry = self.ledger.entry(grant.organization(), seq).await?;
        let entry = entry.ok_or_else(|| missing("entry of the reversal"))?;
        let drawn = entry.lots.into_iter().filter(|part| part.amount.is_negative());
        Ok((seq, drawn.map(|part| Part { amount: part.amount.negated(), ..part }).collect()))
    }
}

/// Which credits a taking uses first. A taking of nothing leaves what is frozen as it is.
pub(super) fn taken_from(movable: &Movable<'_>) -> TakenFrom {
    let Step::Take(credits) = movable.next.step else { return TakenFrom::Lots };
    if !credits.is_positive() {
        return TakenFrom::Lots;
    }
    let approved = movable.request.as_ref().filter(|request| request.record.holds(Money::ZERO));
    let enough = approved.map(|request| request.record.holds(credits));
    TakenFrom::of(movable.reported.news.kind, enough, movable.grant.freeze())
}

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
