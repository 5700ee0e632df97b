//! The hold of a grant's fraud warnings, which follows what is left of the grant.

use crate::{
    BillingFailure, Freeze, FreezeStep, facts::source::EventSource, fraud_warnings::FraudWarnings,
    payments::grant::GrantRecord,
};
use ledger::{Cause, CauseKind, Command, Companions, FrozenReason, GrantRef, Movement, Refusal};
use money::{Money, PositiveMoney};
use tables::{Attempt, Together, retry_while_changed};
use terms::{Actor, Fingerprint, HoldId, Timestamp};

impl FraudWarnings {
    /// Makes the hold of a grant's warnings match what is left of the grant.
    pub(crate) async fn keep_frozen(
        &self,
        grant: &GrantRecord,
        source: &EventSource,
    ) -> Result<(), BillingFailure> {
        retry_while_changed("the record of a grant", || async {
            let Some(grant) = self.payments.read_again(grant).await? else { return Ok(Attempt::Done(())) };
            let Some((cause, terms)) = grant.granted() else { return Ok(Attempt::Done(())) };
            let left = terms.granted.minus(grant.reversals().posted)?;
            let Some(transition) = grant.freeze().transition(left) else { return Ok(Attempt::Done(())) };
            let recorded = self.ledger.find(&cause).await?;
            let recorded = recorded.ok_or_else(|| BillingFailure::missing("grant", &cause.id))?;
            let grant_ref = GrantRef { seq: recorded.receipt.seq, kind: grant.kind() };
            if self.take_step(&grant, transition, (grant_ref, left), source).await? {
                return Ok(Attempt::Changed);
            }
            // All that was left of it is spent or held for something else.
            let Some(end) = grant.freeze().unguarded() else { return Ok(Attempt::Done(())) };
            self.take_step(&grant, end, (grant_ref, left), source).await?;
            Ok(Attempt::Done(()))
        })
        .await
    }

    /// Freezes the account before a movement returns credits to the lot of a grant under a warning. Writes nothing
    /// without a warning, or if the guard exists already.
    pub(crate) async fn guard(
        &self,
        grant: &GrantRecord,
        source: &EventSource,
    ) -> Result<bool, BillingFailure> {
        let Some(transition) = grant.freeze().guarded() else { return Ok(false) };
        let none = (GrantRef { seq: 0, kind: grant.kind() }, Money::ZERO);
        self.take_step(grant, transition, none, source).await
    }

    /// The same, until the guard is written: another writer of the grant's record may come first.
    pub(crate) async fn guard_surely(
        &self,
        grant: &GrantRecord,
        source: &EventSource,
    ) -> Result<(), BillingFailure> {
        retry_while_changed("the record of a grant", || async {
            let Some(grant) = self.payments.read_again(grant).await? else { return Ok(Attempt::Done(())) };
            if !self.guard(&grant, source).await? {
                return Ok(Attempt::Done(()));
            }
            Ok(Attempt::Changed)
        })
        .await
    }

    /// `false`: there is nothing to hold.
    async fn take_step(
        &self,
        grant: &GrantRecord,
        (step, after): (FreezeStep, Freeze),
        of_grant: (GrantRef, Money),
        source: &EventSource,
    ) -> Result<bool, BillingFailure> {
        let write = grant.with_freeze(grant.reversals().clone(), after, self.clock.now())?;
        let Some(movement) = freezing(grant, &step, of_grant, Some(source.occurred_at)) else {
            return Ok(false);
        };
        let with = Companions { work: vec![write], ..Companions::default() };
        match self.ledger.post(&movement, &with).await? {
            // Another delivery of the same fact may have written first.
            Ok(_) | Err(Refusal::RecordChanged { .. } | Refusal::HoldEnded { .. }) => Ok(true),
            Err(Refusal::InsufficientCredits { .. }) => Ok(false),
            Err(refusal) => Err(BillingFailure::refused("freeze-refused", grant.source(), refusal)),
        }
    }

    /// Puts credits on hold that returned to the lot of a grant under a warning after its hold was opened, whatever
    /// returned them, and completes what a crash left unfinished.
    pub(crate) async fn freeze_what_returned(
        &self,
        grant: &GrantRecord,
        source: &EventSource,
    ) -> Result<(), BillingFailure> {
        let Some(grant) = self.payments.read_again(grant).await?.filter(|grant| !grant.freeze().is_empty())
        else {
            return Ok(());
        };
        if let Some(stale) = self.stale(&grant).await? {
            let write = grant.with_freeze(grant.reversals().clone(), stale, self.clock.now())?;
            // Another writer came first: the next run checks it again.
            if self.work.write_together(&[write]).await? != Together::Done {
                return Ok(());
            }
        }
        self.keep_frozen(&grant, source).await
    }

    /// The state in which a hold is opened again, because there is more to hold than it holds.
    async fn stale(&self, grant: &GrantRecord) -> Result<Option<Freeze>, BillingFailure> {
        let Some((cause, terms)) = grant.granted().filter(|_| grant.freeze().is_active()) else {
            return Ok(None);
        };
        let Some(hold) = grant.freeze().hold().and_then(|hold| HoldId::parse(hold).ok()) else {
            return Ok(None);
        };
        let recorded = self.ledger.find(&cause).await?;
        let recorded = recorded.ok_or_else(|| BillingFailure::missing("grant", &cause.id))?;
        let account = self.ledger.account(grant.organization()).await?;
        let free = account.remaining_of(GrantRef { seq: recorded.receipt.seq, kind: grant.kind() });
        let held = self.ledger.hold(grant.organization(), &hold).await?;
        let held = held.ok_or_else(|| BillingFailure::missing("hold", hold.as_str()))?.amount;
        let left = terms.granted.minus(grant.reversals().posted)?;
        Ok(grant.freeze().returned(left, held, free))
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
        FreezeStep::Guard(name) => (name, CauseKind::FraudWarningGuard),
        FreezeStep::Unguard(name) => (name, CauseKind::FraudWarningGuardLifted),
    };
    let hold = || HoldId::parse(name).ok();
    let (command, description) = match step {
        FreezeStep::Hold(_) => {
            let at_most = PositiveMoney::new(left).ok()?;
            let command = Command::HoldRest { id: hold()?, at_most, grant: grant_ref };
            (command, format!("Frozen by a fraud warning: what is left of {source}"))
        }
        FreezeStep::Release(_) => (
            Command::Release { hold: hold()? },
            if grant.freeze().is_active() && occurred_at.is_some() {
                format!("Credits came back to {source}: what is left of it is frozen anew")
            } else {
                format!("The fraud warning of {source} is over: its credits are free")
            },
        ),
        FreezeStep::Guard(_) => {
            let (object, reason) = (name.clone(), FrozenReason::FraudWarning);
            let text = format!("Spending waits while what is left of {source} is put aside");
            (Command::Freeze { object, reason }, text)
        }
        FreezeStep::Unguard(_) => {
            let text = format!("Spending goes on: what is left of {source} is put aside");
            (Command::Unfreeze { object: name.clone() }, text)
        }
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
