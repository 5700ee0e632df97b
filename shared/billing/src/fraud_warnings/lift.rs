//! Finance lifts a fraud warning.

use crate::{
    BillingFailure, FreezeStep, ManualReview, ReviewRefusal,
    facts::source::EventSource,
    fraud_warnings::{FraudWarnings, hold::freezing, standing::ReadWarnings, state::WarningState},
    payments::grant::Granted,
};
use ledger::{Companions, GrantRef, Movement, Posted, Refusal};
use money::Money;
use tables::{Stored, Together, WorkWrite};
use terms::Actor;

impl FraudWarnings {
    /// Resolves the warning's fact and returns what it holds, in one transaction. `None`: a record changed meanwhile,
    /// read again.
    pub(crate) async fn lift(
        &self,
        fact: &Stored<ManualReview>,
        resolved: ManualReview,
        actor: &Actor,
    ) -> Result<Option<Result<ManualReview, ReviewRefusal>>, BillingFailure> {
        let mut work = vec![WorkWrite::replace(fact, &resolved)?];
        let known = match &fact.record.payment {
            Some(payment) => self.payments.known(payment).await?,
            None => None,
        };
        let Some(Granted::Grant(grant)) = known else {
            let done = self.work.write_together(&work).await? == Together::Done;
            return Ok(done.then_some(Ok(resolved)));
        };
        let standing = ReadWarnings::of(&self.work, grant.organization()).await?;
        work.extend(standing.without(fact.record.object.as_str())?);
        let freeze = grant.freeze().warned(fact.record.object.as_str(), WarningState::Lifted);
        let hold = freeze.hold().filter(|_| !freeze.is_active());
        let release = hold.map(|hold| FreezeStep::Release(hold.to_owned()));
        let after = if release.is_some() { freeze.taken() } else { freeze };
        work.push(grant.with_freeze(grant.reversals().clone(), after, self.clock.now())?);
        let Some(step) = release else {
            let done = self.work.write_together(&work).await? == Together::Done;
            return Ok(done.then_some(Ok(resolved)));
        };
        let none = (GrantRef { seq: 0, kind: grant.kind() }, Money::ZERO);
        let Some(movement) = freezing(&grant, &step, none, None) else { return Ok(None) };
        let movement = Movement { actor: actor.clone(), ..movement };
        let with = Companions { work, ..Companions::default() };
        match self.ledger.post(&movement, &with).await? {
            Ok(Posted::Receipt(_)) => {
                if grant.freeze().is_guarded() {
                    self.keep_frozen(&grant, &EventSource::read(0, self.clock.now(), self.livemode)).await?;
                }
                Ok(Some(Ok(resolved)))
            }
            // The same release by another step wrote nothing of this decision.
            Ok(Posted::Replay(_)) | Err(Refusal::RecordChanged { .. } | Refusal::HoldEnded { .. }) => {
                Ok(None)
            }
            Err(refusal) => Err(BillingFailure::refused("freeze-refused", &fact.record.object, refusal)),
        }
    }
}
