//! The hold of a grant's warnings, kept in step with what is left of the grant.

use crate::{
    Billing, BillingFailure, FreezeStep, facts::source::EventSource, limits::ATTEMPTS_MAX,
    payments::grant::GrantRecord,
};
use ledger::{Cause, CauseKind, Command, Companions, GrantRef, Movement, Refusal};
use money::{Money, PositiveMoney};
use tables::Together;
use terms::{Actor, Fingerprint, HoldId, Timestamp};

impl Billing {
    /// Brings the hold of a grant's warnings in step with what stands of the grant.
    pub(crate) async fn keep_frozen(
        &self,
        grant: &GrantRecord,
        source: &EventSource,
    ) -> Result<(), BillingFailure> {
        for _ in 0..ATTEMPTS_MAX {
            let Some(grant) = self.read_again(grant).await? else { return Ok(()) };
            let Some((cause, terms)) = grant.granted() else { return Ok(()) };
            let left = terms.granted.minus(grant.reversals().posted)?;
            let Some((step, after)) = grant.freeze().transition(left) else { return Ok(()) };
            let recorded = self.ledger.find(&cause).await?;
            let recorded = recorded.ok_or_else(|| BillingFailure::missing("grant", &cause.id))?;
            let grant_ref = GrantRef { seq: recorded.receipt.seq, kind: grant.kind() };
            let write = grant.with_freeze(grant.reversals().clone(), after, self.clock.now())?;
            let Some(movement) = freezing(&grant, &step, (grant_ref, left), Some(source.occurred_at)) else {
                return Ok(());
            };
            let with = Companions { work: vec![write], ..Companions::default() };
            match self.ledger.post(&movement, &with).await? {
                // Another delivery of the same fact may have written first.
                Ok(_) | Err(Refusal::RecordChanged { .. } | Refusal::HoldEnded { .. }) => {}
                // All that was left of it is spent or held for something else.
                Err(Refusal::InsufficientCredits { .. }) => return Ok(()),
                Err(refusal) => {
                    return Err(BillingFailure::refused("freeze-refused", grant.source(), refusal));
                }
            }
        }
        Err(BillingFailure::Contended)
    }

    /// Puts aside what jobs and purchases returned to the lot of a grant since its hold was opened.
    pub(crate) async fn freeze_what_returned(&self, grant: &GrantRecord) -> Result<(), BillingFailure> {
        let Some(grant) = self.read_again(grant).await?.filter(|grant| grant.freeze().is_active()) else {
            return Ok(());
        };
        let Some((cause, terms)) = grant.granted() else { return Ok(()) };
        if let Some(hold) = grant.freeze().hold.as_deref().and_then(|hold| HoldId::parse(hold).ok()) {
            let recorded = self.ledger.find(&cause).await?;
            let recorded = recorded.ok_or_else(|| BillingFailure::missing("grant", &cause.id))?;
            let account = self.ledger.account(grant.organization()).await?;
            let free = account.remaining_of(GrantRef { seq: recorded.receipt.seq, kind: grant.kind() });
            let held = self.ledger.hold(grant.organization(), &hold).await?;
            let held = held.ok_or_else(|| BillingFailure::missing("hold", hold.as_str()))?.amount;
            let left = terms.granted.minus(grant.reversals().posted)?;
            let Some(stale) = grant.freeze().returned(left, held, free) else { return Ok(()) };
            let write = grant.with_freeze(grant.reversals().clone(), stale, self.clock.now())?;
            // Another writer came first: the next run checks it again.
            if self.work.write_together(&[write]).await? != Together::Done {
                return Ok(());
            }
        }
        self.keep_frozen(&grant, &EventSource::read(self, 0)).await
    }
}

/// The movement of a step; `None` where nothing is left to hold.
pub(super) fn freezing(
    grant: &GrantRecord,
    step: &FreezeStep,
    (grant_ref, left): (GrantRef, Money),
    occurred_at: Option<Timestamp>,
) -> Option<Movement> {
    let source = grant.source();
    let (name, kind) = match step {
        FreezeStep::Hold(name) => (name, CauseKind::FraudWarning),
        FreezeStep::Release(name) => (name, CauseKind::FraudWarningLifted),
    };
    let id = HoldId::parse(name).ok()?;
    let (command, description) = match step {
        FreezeStep::Hold(_) => {
            let at_most = PositiveMoney::new(left).ok()?;
            let command = Command::HoldRest { id, at_most, grant: grant_ref };
            (command, format!("Frozen by a fraud warning: what is left of {source}"))
        }
        FreezeStep::Release(_) => (
            Command::Release { hold: id },
            if grant.freeze().is_active() && occurred_at.is_some() {
                format!("Credits came back to {source}: what is left of it is frozen anew")
            } else {
                format!("The fraud warning of {source} is over: its credits are free")
            },
        ),
    };
    let organization = grant.organization().clone();
    Some(Movement {
        fingerprint: Fingerprint::of(&[organization.as_str(), kind.as_str(), name]),
        cause: Cause::new(kind, name.clone()),
        actor: Actor::stripe(),
        occurred_at,
        description,
        command,
        organization,
    })
}
