//! Refunds and disputes: what they take, what comes back, and which of them freeze the account.
//!
//! Each step is one movement with its state in the same transaction; the state decides the next step, until
//! nothing follows from the news any more. A crash in between loses nothing: the news comes again.

use crate::{
    Billing, BillingFailure, News, Pause, Quarantine, RefundRequest, Step, WebhookAnswer,
    facts::{read::known, source::Told},
    limits::ATTEMPTS_MAX,
    payments::grant::{GrantRecord, Granted},
    reversals::{
        lots::TakenFrom,
        movements::{freezing, taken_from},
        reported::{Movable, Reported},
    },
};
use alerts::{Alert, AlertKind};
use ledger::{Companions, GrantRef, Posted, Refusal, TakeKind};
use money::Money;
use tables::{Stored, Together, WorkWrite};

impl Billing {
    pub(crate) async fn on_reversal(
        &self,
        reported: &Reported,
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        let Some(payment) = self.payment_of(reported).await? else {
            tracing::warn!(
                object = reported.news.object,
                "a refund or dispute of no payment that Stripe names"
            );
            return Ok(WebhookAnswer::NotOurs);
        };
        let mut answer = WebhookAnswer::NothingToDo;
        for _ in 0..ATTEMPTS_MAX {
            let grant = match self.grant_of_payment(&payment, told).await? {
                Granted::Grant(grant) => grant,
                Granted::Nothing => {
                    return self.of_brought_over(reported, &payment, WebhookAnswer::NothingToDo, told).await;
                }
                Granted::NotOurs => {
                    return self.of_brought_over(reported, &payment, WebhookAnswer::NotOurs, told).await;
                }
            };
            if let Some(reason) = self.not_takable(reported) {
                let organization = Some(grant.organization());
                let quarantined = told.quarantined(self, &reported.news.object, reason, organization);
                self.quarantine(quarantined).await?;
                return Ok(WebhookAnswer::Quarantined(reason));
            }
            if reported.withdrawn_again {
                // An object takes once and gives back once: finance corrects what a second withdrawal takes.
                let (object, reason) = (&reported.news.object, Quarantine::ContentsChanged);
                self.quarantine(told.quarantined(self, object, reason, Some(grant.organization()))).await?;
            }
            let Some((cause, terms)) = grant.granted() else { return Ok(WebhookAnswer::NothingToDo) };
            let Some(next) = grant.reversals().next(&reported.news, terms)? else {
                if !grant.freeze().is_empty() {
                    self.keep_frozen(&grant, told).await?;
                }
                return Ok(answer);
            };
            let recorded = self.ledger.find(&cause).await?;
            let recorded = recorded.ok_or_else(|| BillingFailure::missing("grant", &cause.id))?;
            let request = self.request_of(reported, &grant).await?;
            let grant_ref = GrantRef { seq: recorded.receipt.seq, kind: grant.kind() };
            let movable = Movable { grant: &grant, grant_ref, reported, next: &next, told, request };
            if self.carry_out(&movable).await? {
                answer = WebhookAnswer::Reversed;
            }
        }
        Err(BillingFailure::Contended)
    }

    fn not_takable(&self, reported: &Reported) -> Option<Quarantine> {
        if reported.livemode != self.livemode {
            return Some(Quarantine::LivemodeMismatch);
        }
        (reported.currency != "usd").then_some(Quarantine::CurrencyMismatch)
    }

    async fn payment_of(&self, reported: &Reported) -> Result<Option<String>, BillingFailure> {
        if reported.payment.is_some() {
            return Ok(reported.payment.clone());
        }
        let Some(charge) = &reported.charge else { return Ok(None) };
        let found = known(charge, self.stripe.charge(charge).await)?;
        Ok(found.and_then(|charge| charge.payment_intent))
    }

    async fn request_of(
        &self,
        reported: &Reported,
        grant: &GrantRecord,
    ) -> Result<Option<Stored<RefundRequest>>, BillingFailure> {
        let Some(id) = &reported.request else { return Ok(None) };
        Ok(self.work.get(&RefundRequest::key_of(grant.organization(), id)).await?)
    }

    /// Carries out one step. `false`: a record changed meanwhile, look again.
    async fn carry_out(&self, movable: &Movable<'_>) -> Result<bool, BillingFailure> {
        let Movable { reported, next, .. } = movable;
        if next.excess {
            tracing::error!(
                alarm = "reversals-exceed-payment",
                object = reported.news.object,
                "refunds and disputes of one payment exceed it: nothing more is taken"
            );
        }
        // Money that was never taken, or of which nothing is left to take, needs no hold any more.
        let held = movable.request.as_ref().filter(|request| request.record.holds(Money::ZERO));
        let movement = match next.step {
            Step::Take(credits) if credits.is_positive() => self.taking(movable, credits)?,
            Step::GiveBack(credits) if credits.is_positive() => self.giving_back(movable, credits).await?,
            Step::Freeze | Step::Unfreeze | Step::FreezeAgain | Step::UnfreezeAgain => freezing(movable),
            Step::Note | Step::Take(_) | Step::GiveBack(_) => match held {
                Some(request) if ends_hold(next.step, &reported.news) => self.releasing(&request.record),
                _ => {
                    let writes = self.companions(movable).await?.work;
                    return Ok(self.work.write_together(&writes).await? == Together::Done);
                }
            },
        };
        match self.ledger.post(&movement, &self.companions(movable).await?).await? {
            Ok(Posted::Receipt(_)) => Ok(true),
            Ok(Posted::Replay(_)) | Err(Refusal::RecordChanged { .. } | Refusal::HoldEnded { .. }) => {
                Ok(false)
            }
            Err(refusal) => Err(BillingFailure::refused("reversal-refused", &reported.news.object, refusal)),
        }
    }

    /// What is written with a step: the grant's record, our own request, and what the owner is told.
    async fn companions(&self, movable: &Movable<'_>) -> Result<Companions, BillingFailure> {
        let now = self.clock.now();
        let Movable { grant, reported, next, .. } = movable;
        let freeze = match next.step {
            Step::Take(_) if taken_from(movable) == TakenFrom::Freeze => grant.freeze().taken(),
            Step::GiveBack(_) => grant.freeze().given_back(),
            _ => grant.freeze().clone(),
        };
        let mut work = vec![grant.with_freeze(next.after.clone(), freeze, now)?];
        let news = &reported.news;
        let takes = matches!(next.step, Step::Take(credits) if credits.is_positive());
        if takes {
            let why = match news.kind {
                TakeKind::Refund => Pause::Refunded,
                TakeKind::Dispute => Pause::Disputed,
            };
            work.extend(self.pause_top_up(grant.organization(), why).await?);
        }
        if news.kind == TakeKind::Refund && takes {
            let told = AlertKind::RefundDone { source: grant.source().to_owned(), amount: news.amount };
            let organization = grant.organization().clone();
            work.push(Alert::new(organization, news.object.clone(), now, told).write()?);
        }
        if let Some(told) = self.told_of_step(movable) {
            let name = format!("{}-{}", news.object, told.0);
            work.push(Alert::new(grant.organization().clone(), name, now, told.1).write()?);
        }
        if let Some(request) = &movable.request {
            let next = match next.step {
                Step::Take(_) => Some(request.record.refunded(&news.object)),
                Step::GiveBack(_) => Some(request.record.failed("the refund did not reach the customer")),
                Step::Note if news.undone => Some(request.record.failed("the refund failed")),
                Step::Note | Step::Freeze | Step::Unfreeze | Step::FreezeAgain | Step::UnfreezeAgain => None,
            };
            if let Some(next) = next {
                work.push(WorkWrite::replace(request, &next)?);
            }
        }
        Ok(Companions { work, ..Companions::default() })
    }

    /// What the owner is told of a step beside what was taken, with what names it.
    fn told_of_step(&self, movable: &Movable<'_>) -> Option<(&'static str, AlertKind)> {
        let Movable { grant, reported, next, .. } = movable;
        match (reported.news.kind, next.step) {
            (_, step @ (Step::Freeze | Step::FreezeAgain)) => {
                let name = if step == Step::Freeze { "stopped" } else { "stopped-again" };
                Some((name, AlertKind::SpendingStopped { reason: "dispute".to_owned() }))
            }
            (TakeKind::Refund, Step::GiveBack(credits)) if credits.is_positive() => {
                let (source, amount) = (grant.source().to_owned(), reported.news.amount);
                Some(("undone", AlertKind::RefundFailed { source, amount }))
            }
            _ => None,
        }
    }
}

/// Whether a step without credits is the end of what a hold was made for.
fn ends_hold(step: Step, news: &News) -> bool {
    matches!(step, Step::Take(_)) || news.undone
}
