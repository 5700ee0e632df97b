//! The movements of refunds and disputes: their causes, fingerprints and descriptions.

use crate::{
    BillingFailure, Reversal, ReversalFact, ReversalStep,
    payments::grant::GrantRecord,
    reversals::{
        RefundsAndDisputes,
        lots::{DrawnFrom, parts_to_return},
        reported::PendingStep,
    },
};
use ledger::{Cause, CauseKind, Command, FrozenReason, Movement, Part, TakeKind};
use money::{Money, PositiveMoney};
use terms::{Actor, Fingerprint, HoldId};

impl RefundsAndDisputes {
    pub(super) fn reverse_movement(
        &self,
        pending: &PendingStep<'_>,
        credits: Money,
    ) -> Result<Movement, BillingFailure> {
        let PendingStep { grant_ref, reported, request, .. } = pending;
        let amount = PositiveMoney::new(credits)?;
        let kind = reported.fact.state.kind();
        let of_request = || request.as_ref().map(|request| HoldId::from(&request.record.id));
        let of_freeze = || pending.grant.freeze().hold().and_then(|hold| HoldId::parse(hold).ok());
        let grant = *grant_ref;
        let take = Command::Take { kind, amount, grant };
        let command = match drawn_from(pending) {
            DrawnFrom::Lots => Some(take.clone()),
            DrawnFrom::Request => {
                of_request().map(|hold| Command::SettleRefund { hold, amount, grant_seq: grant.seq })
            }
            DrawnFrom::RequestAndLots => {
                of_request().map(|hold| Command::TakeHeld { hold, kind, amount, grant })
            }
            DrawnFrom::Freeze => of_freeze().map(|hold| Command::TakeHeld { hold, kind, amount, grant }),
        };
        let command = command.unwrap_or(take);
        Ok(movement(pending, reversal_cause(kind, &reported.fact.object), command))
    }

    pub(super) async fn reinstate_movement(
        &self,
        pending: &PendingStep<'_>,
        credits: Money,
    ) -> Result<Movement, BillingFailure> {
        let PendingStep { grant, grant_ref, reported, .. } = pending;
        let (taking_seq, reversed) = self.reversal_entry(pending).await?;
        let own = Part {
            lot: grant_ref.seq,
            kind: grant_ref.kind,
            source: grant.source().to_owned(),
            amount: Money::ZERO,
            expires_at: grant.expires_at(),
        };
        let parts = parts_to_return(&reversed, credits, &own)?;
        let kind = reported.fact.state.kind();
        let cause = match kind {
            TakeKind::Refund => CauseKind::RefundUndone,
            TakeKind::Dispute => CauseKind::DisputeReturned,
        };
        let cause = Cause::new(cause, reported.fact.object.clone());
        Ok(movement(pending, cause, Command::GiveBack { kind, parts, taking_seq }))
    }

    /// The entry that reversed the credits, and what it drew from lots. Where refunds and disputes exceeded the
    /// payment, an object's own reversal may have reversed nothing: then it is the largest of the grant's.
    async fn reversal_entry(&self, pending: &PendingStep<'_>) -> Result<(u64, Vec<Part>), BillingFailure> {
        let PendingStep { grant, reported, .. } = pending;
        let objects = &grant.reversals().objects;
        let own = objects.get_key_value(&reported.fact.object);
        let own = own.filter(|(_, reversal)| reversal.credits.reversed().is_some_and(Money::is_positive));
        let largest = || objects.iter().max_by_key(|(_, reversal)| reversal.credits.reversed());
        let missing = |what| BillingFailure::missing(what, &reported.fact.object);
        let (object, reversal) = own.or_else(largest).ok_or_else(|| missing("reversal"))?;
        let cause = reversal_cause(reversal.kind(), object);
        let recorded = self.ledger.find(&cause).await?.ok_or_else(|| missing("entry of the reversal"))?;
        let seq = recorded.receipt.seq;
        let entry = self.ledger.entry(grant.organization(), seq).await?;
        let entry = entry.ok_or_else(|| missing("entry of the reversal"))?;
        let drawn = entry.lots.into_iter().filter(|part| part.amount.is_negative());
        Ok((seq, drawn.map(|part| Part { amount: part.amount.negated(), ..part }).collect()))
    }
}

/// Which credits a reversal draws from. A reversal of zero leaves what is frozen as it is.
pub(super) fn drawn_from(pending: &PendingStep<'_>) -> DrawnFrom {
    let ReversalStep::Reverse(credits) = pending.transition.step else { return DrawnFrom::Lots };
    if !credits.is_positive() {
        return DrawnFrom::Lots;
    }
    let approved = pending.request.as_ref().filter(|request| request.record.holds(Money::ZERO));
    let enough = approved.map(|request| request.record.holds(credits));
    DrawnFrom::of(pending.reported.fact.state.kind(), enough, pending.grant.freeze())
}

pub(super) fn reversal_cause(kind: TakeKind, object: &str) -> Cause {
    let cause = match kind {
        TakeKind::Refund => CauseKind::Refund,
        TakeKind::Dispute => CauseKind::DisputeTaken,
    };
    Cause::new(cause, object)
}

pub(super) fn freezing(pending: &PendingStep<'_>) -> Movement {
    let object = pending.reported.fact.object.clone();
    // An appeal has causes of its own: those of the dispute are used.
    let named = match pending.transition.step {
        ReversalStep::FreezeForAppeal | ReversalStep::UnfreezeForAppeal => {
            let reversal = pending.transition.after.objects.get(&object);
            let appeal = reversal.and_then(Reversal::appeal);
            appeal.map_or_else(|| object.clone(), |appeal| appeal.cause_of(&object))
        }
        _ => object.clone(),
    };
    if matches!(pending.transition.step, ReversalStep::Freeze | ReversalStep::FreezeForAppeal) {
        let cause = Cause::new(CauseKind::Frozen, named);
        return movement(pending, cause, Command::Freeze { object, reason: FrozenReason::Dispute });
    }
    movement(pending, Cause::new(CauseKind::Unfrozen, named), Command::Unfreeze { object })
}

/// Contains only Stripe's own figures and ids: the same fact has the same fingerprint for every event source.
pub(super) fn movement(pending: &PendingStep<'_>, cause: Cause, command: Command) -> Movement {
    let PendingStep { grant, reported, source, .. } = pending;
    let ReversalFact { object, amount, state, .. } = &reported.fact;
    let kind = state.kind();
    let what = match kind {
        TakeKind::Refund => "Refund",
        TakeKind::Dispute => "Dispute",
    };
    let description = match command {
        Command::GiveBack { .. } => format!("{what} of ${amount} undone"),
        Command::Freeze { .. } => format!("{what} of ${amount} opened: spending stops"),
        Command::Unfreeze { .. } => format!("{what} of ${amount} ended"),
        _ => format!("{what} of ${amount} of {}", grant.source()),
    };
    Movement {
        organization: grant.organization().clone(),
        cause,
        fingerprint: fingerprint_of(grant, kind, object, *amount),
        actor: Actor::stripe(),
        occurred_at: Some(source.occurred_at),
        description,
        command,
    }
}

pub(super) fn fingerprint_of(
    grant: &GrantRecord,
    kind: TakeKind,
    object: &str,
    amount: Money,
) -> Fingerprint {
    let of = match kind {
        TakeKind::Refund => "refund",
        TakeKind::Dispute => "dispute",
    };
    let organization = grant.organization().as_str();
    Fingerprint::of(&[organization, of, object, &amount.to_string(), "usd", grant.source()])
}
