//! Money of a won dispute that an appeal withdraws a second time: finance corrects its credits, and the appeal's
//! freeze lasts until then.

use crate::{
    BillingFailure, ManualReview, Reversal, ReversalFact, ReviewReason, ReviewRefusal,
    facts::source::EventSource,
    payments::grant::{GrantRecord, Granted},
    reversals::{RefundsAndDisputes, appeal::Appeal, movements::fingerprint_of},
};
use ledger::{Cause, CauseKind, Command, Companions, Movement, Posted, Refusal};
use tables::{Record, Stored, Together, WorkWrite};
use terms::Actor;

impl RefundsAndDisputes {
    /// Puts a second withdrawal into manual review; a later one again, if finance has decided on the one before.
    /// `false`: a record changed, read again.
    pub(super) async fn queue_taken_again(
        &self,
        grant: &GrantRecord,
        (fact, payment): (&ReversalFact, &str),
        source: &EventSource,
    ) -> Result<bool, BillingFailure> {
        let (reason, organization) = (ReviewReason::ContentsChanged, Some(grant.organization()));
        let review = self.review_queue.of_fact(&fact.object, reason, organization, source);
        let review = ManualReview { payment: Some(payment.to_owned()), ..review };
        let Some(known) = self.work.get::<ManualReview>(&review.key()).await? else {
            self.review_queue.add(review).await?;
            return Ok(true);
        };
        let reversal = grant.reversals().objects.get(&fact.object);
        let appeal = reversal.copied().unwrap_or_else(|| Reversal::new(fact)).after(fact).appeal();
        let Some(decided) =
            known.record.resolution.clone().filter(|_| appeal.is_some_and(Appeal::is_money_missing))
        else {
            return Ok(true);
        };
        let earlier = known.record.earlier.iter().cloned().chain([decided]).collect();
        let review = ManualReview { earlier, ..review };
        // If finance decides in between, the decision is recorded in the grant's record, and read first.
        let unchanged = (grant.reversals().clone(), grant.freeze().clone());
        let writes = [
            WorkWrite::replace(&known, &review)?,
            grant.with_freeze(unchanged.0, unchanged.1, self.clock.now())?,
        ];
        if self.work.write_together(&writes).await? == Together::Done {
            review.raise_alarm();
        }
        Ok(false)
    }

    /// Records that finance has corrected what a second withdrawal took: its fact is resolved, and the freeze of an
    /// appeal that is over ends, in one transaction. `None`: a record changed meanwhile, read again.
    pub(crate) async fn note_corrected(
        &self,
        fact: &Stored<ManualReview>,
        resolved: ManualReview,
        actor: &Actor,
    ) -> Result<Option<Result<ManualReview, ReviewRefusal>>, BillingFailure> {
        let object = fact.record.object.as_str();
        let mut work = vec![WorkWrite::replace(fact, &resolved)?];
        let known = match &fact.record.payment {
            Some(payment) => self.payments.known(payment).await?,
            None => None,
        };
        let mut lifting = None;
        if let Some(Granted::Grant(grant)) = &known
            && let Some((lifts, after)) = grant.reversals().corrected(object)
        {
            let reversal = after.objects.get(object).filter(|_| lifts);
            lifting = reversal.and_then(|reversal| unfreezing(grant, (object, reversal), actor));
            work.push(grant.with_freeze(after, grant.freeze().clone(), self.clock.now())?);
        }
        let Some(movement) = lifting else {
            let done = self.work.write_together(&work).await? == Together::Done;
            return Ok(done.then_some(Ok(resolved)));
        };
        match self.ledger.post(&movement, &Companions { work, ..Companions::default() }).await? {
            Ok(Posted::Receipt(_)) => Ok(Some(Ok(resolved))),
            // The same step by another delivery wrote nothing of this decision.
            Ok(Posted::Replay(_)) | Err(Refusal::RecordChanged { .. }) => Ok(None),
            Err(refusal) => Err(BillingFailure::refused("unfreeze-refused", object, refusal)),
        }
    }
}

/// The end of an appeal's freeze, by finance.
fn unfreezing(grant: &GrantRecord, (object, reversal): (&str, &Reversal), actor: &Actor) -> Option<Movement> {
    let (kind, amount, appeal) = (reversal.kind(), reversal.amount, reversal.appeal()?);
    Some(Movement {
        organization: grant.organization().clone(),
        cause: Cause::new(CauseKind::Unfrozen, appeal.cause_of(object)),
        fingerprint: fingerprint_of(grant, kind, object, amount),
        actor: actor.clone(),
        occurred_at: None,
        description: format!("Dispute of ${amount} ended, and its credits were corrected"),
        command: Command::Unfreeze { object: object.to_owned() },
    })
}
