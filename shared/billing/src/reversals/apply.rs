//! Refunds and disputes: the credits that they reverse and reinstate, and which of them freeze the account.
//!
//! Each step is one movement with its state in the same transaction; the state decides the next step, until nothing
//! follows from the fact any more. A crash in between loses nothing: the fact comes again.

use crate::{
    BillingFailure, FactOutcome, Pause, RefundRequest, ReversalFact, ReversalStep, ReviewReason,
    facts::{read::known, source::EventSource},
    payments::grant::{GrantRecord, Granted},
    reversals::{
        RefundsAndDisputes,
        lots::DrawnFrom,
        movements::{drawn_from, freezing},
        reported::{PendingStep, ReportedReversal},
    },
    top_up::pause::pause_writes,
};
use alerts::{Alert, AlertKind};
use ledger::{Companions, GrantRef, Posted, Refusal, TakeKind};
use money::Money;
use std::sync::atomic::{AtomicBool, Ordering};
use tables::{Attempt, Stored, Together, WorkWrite, retry_while_changed};

impl RefundsAndDisputes {
    pub(crate) async fn on_reversal(
        &self,
        reported: &ReportedReversal,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let Some(payment) = self.payment_of(reported).await? else {
            tracing::warn!(
                object = reported.fact.object,
                "a refund or dispute of no payment that Stripe names"
            );
            return Ok(FactOutcome::NotOurs);
        };
        let is_reversed = AtomicBool::new(false);
        retry_while_changed("the record of a grant", || async {
            let grant = match self.grant_of(&payment, source).await? {
                Granted::Grant(grant) => grant,
                Granted::Nothing => {
                    return self
                        .of_imported(reported, &payment, FactOutcome::NothingToDo, source)
                        .await
                        .map(Attempt::Done);
                }
                Granted::NotOurs => {
                    return self
                        .of_imported(reported, &payment, FactOutcome::NotOurs, source)
                        .await
                        .map(Attempt::Done);
                }
            };
            if let Some(reason) = self.not_reversible(reported) {
                let organization = Some(grant.organization());
                return self
                    .review_queue
                    .add_fact(&reported.fact.object, reason, organization, source)
                    .await
                    .map(Attempt::Done);
            }
            // An object is reversed once and reinstated once: finance corrects what a second withdrawal takes.
            let again = reported.fact.is_withdrawn_again();
            if again && !self.queue_taken_again(&grant, (&reported.fact, &payment), source).await? {
                return Ok(Attempt::Changed);
            }
            let Some((cause, terms)) = grant.granted() else {
                return Ok(Attempt::Done(FactOutcome::NothingToDo));
            };
            let Some(transition) = grant.reversals().transition(&reported.fact, terms)? else {
                if !grant.freeze().is_empty() {
                    self.fraud_warnings.freeze_what_returned(&grant, source).await?;
                }
                let reversed = is_reversed.load(Ordering::Relaxed);
                return Ok(Attempt::Done(if reversed {
                    FactOutcome::Reversed
                } else {
                    FactOutcome::NothingToDo
                }));
            };
            if self.fraud_warnings.guard(&grant, source).await? {
                return Ok(Attempt::Changed);
            }
            let recorded = self.ledger.find(&cause).await?;
            let recorded = recorded.ok_or_else(|| BillingFailure::missing("grant", &cause.id))?;
            let request = self.request_of(reported, &grant).await?;
            let grant_ref = GrantRef { seq: recorded.receipt.seq, kind: grant.kind() };
            let pending =
                PendingStep { grant: &grant, grant_ref, reported, transition: &transition, source, request };
            if self.carry_out(&pending).await? {
                is_reversed.store(true, Ordering::Relaxed);
            }
            // After a step, too: the next attempt finds whether there is another.
            Ok(Attempt::Changed)
        })
        .await
    }

    fn not_reversible(&self, reported: &ReportedReversal) -> Option<ReviewReason> {
        if reported.livemode != self.livemode {
            return Some(ReviewReason::LivemodeMismatch);
        }
        (reported.currency != "usd").then_some(ReviewReason::CurrencyMismatch)
    }

    async fn payment_of(&self, reported: &ReportedReversal) -> Result<Option<String>, BillingFailure> {
        if reported.payment.is_some() {
            return Ok(reported.payment.clone());
        }
        let Some(charge) = &reported.charge else { return Ok(None) };
        let found = known(charge, self.stripe.charge(charge).await)?;
        Ok(found.and_then(|charge| charge.payment_intent))
    }

    async fn request_of(
        &self,
        reported: &ReportedReversal,
        grant: &GrantRecord,
    ) -> Result<Option<Stored<RefundRequest>>, BillingFailure> {
        let Some(id) = &reported.request else { return Ok(None) };
        Ok(self.work.get(&RefundRequest::key_of(grant.organization(), id)).await?)
    }

    /// Carries out one step. `false`: a record changed meanwhile, read again.
    async fn carry_out(&self, pending: &PendingStep<'_>) -> Result<bool, BillingFailure> {
        let PendingStep { reported, transition, .. } = pending;
        if transition.excess {
            tracing::error!(
                alarm = "reversals-exceed-payment",
                object = reported.fact.object,
                "refunds and disputes of one payment exceed it: nothing more is taken"
            );
        }
        // Money that never left us, or of which no credits are left to reverse, needs no hold any more.
        let held = pending.request.as_ref().filter(|request| request.record.holds(Money::ZERO));
        let movement = match transition.step {
            ReversalStep::Reverse(credits) if credits.is_positive() => {
                self.reverse_movement(pending, credits)?
            }
            ReversalStep::Reinstate(credits) if credits.is_positive() => {
                self.reinstate_movement(pending, credits).await?
            }
            ReversalStep::Freeze
            | ReversalStep::Unfreeze
            | ReversalStep::FreezeForAppeal
            | ReversalStep::UnfreezeForAppeal => freezing(pending),
            ReversalStep::Note | ReversalStep::Reverse(_) | ReversalStep::Reinstate(_) => match held {
                Some(request) if ends_hold(transition.step, &reported.fact) => request.record.releasing(),
                _ => {
                    let writes = self.companions(pending).await?.work;
                    return Ok(self.work.write_together(&writes).await? == Together::Done);
                }
            },
        };
        match self.ledger.post(&movement, &self.companions(pending).await?).await? {
            Ok(Posted::Receipt(_)) => Ok(true),
            Ok(Posted::Replay(_)) | Err(Refusal::RecordChanged { .. } | Refusal::HoldEnded { .. }) => {
                Ok(false)
            }
            Err(refusal) => Err(BillingFailure::refused("reversal-refused", &reported.fact.object, refusal)),
        }
    }

    /// What is written with a step: the grant's record, our own request, and the owner's alert.
    async fn companions(&self, pending: &PendingStep<'_>) -> Result<Companions, BillingFailure> {
        let now = self.clock.now();
        let PendingStep { grant, reported, transition, .. } = pending;
        let freeze = match transition.step {
            ReversalStep::Reverse(_) if drawn_from(pending) == DrawnFrom::Freeze => grant.freeze().taken(),
            ReversalStep::Reinstate(_) => grant.freeze().given_back(),
            _ => grant.freeze().clone(),
        };
        let mut work = vec![grant.with_freeze(transition.after.clone(), freeze, now)?];
        let fact = &reported.fact;
        let reverses = matches!(transition.step, ReversalStep::Reverse(credits) if credits.is_positive());
        if reverses {
            let why = match fact.state.kind() {
                TakeKind::Refund => Pause::Refunded,
                TakeKind::Dispute => Pause::Disputed,
            };
            work.extend(pause_writes(&self.work, grant.organization(), why, self.clock.now()).await?);
        }
        if fact.state.kind() == TakeKind::Refund && reverses {
            let kind = AlertKind::RefundDone { source: grant.source().to_owned(), amount: fact.amount };
            let organization = grant.organization().clone();
            work.push(Alert::new(organization, fact.object.clone(), now, kind).write()?);
        }
        if let Some((name, kind)) = self.alert_of_step(pending) {
            let name = format!("{}-{}", fact.object, name);
            work.push(Alert::new(grant.organization().clone(), name, now, kind).write()?);
        }
        if let Some(request) = &pending.request {
            let decided = match transition.step {
                ReversalStep::Reverse(_) => Some(request.record.refunded(&fact.object)),
                ReversalStep::Reinstate(_) => {
                    Some(request.record.failed("the refund did not reach the customer"))
                }
                ReversalStep::Note if fact.is_reinstated() => {
                    Some(request.record.failed("the refund failed"))
                }
                ReversalStep::Note
                | ReversalStep::Freeze
                | ReversalStep::Unfreeze
                | ReversalStep::FreezeForAppeal
                | ReversalStep::UnfreezeForAppeal => None,
            };
            if let Some(decided) = decided {
                work.push(WorkWrite::replace(request, &decided)?);
            }
        }
        Ok(Companions { work, ..Companions::default() })
    }

    /// The owner's alert of a step, with its part of the alert's name.
    fn alert_of_step(&self, pending: &PendingStep<'_>) -> Option<(&'static str, AlertKind)> {
        let PendingStep { grant, reported, transition, .. } = pending;
        match (reported.fact.state.kind(), transition.step) {
            (_, step @ (ReversalStep::Freeze | ReversalStep::FreezeForAppeal)) => {
                let name = if step == ReversalStep::Freeze { "stopped" } else { "stopped-again" };
                Some((name, AlertKind::SpendingStopped { reason: "dispute".to_owned() }))
            }
            (TakeKind::Refund, ReversalStep::Reinstate(credits)) if credits.is_positive() => {
                let (source, amount) = (grant.source().to_owned(), reported.fact.amount);
                Some(("undone", AlertKind::RefundFailed { source, amount }))
            }
            _ => None,
        }
    }
}

/// Whether a step without credits ends what a hold was made for.
fn ends_hold(step: ReversalStep, fact: &ReversalFact) -> bool {
    matches!(step, ReversalStep::Reverse(_)) || fact.is_reinstated()
}
