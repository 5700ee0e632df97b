//! Refunds and disputes: what they take, what comes back, and which of them freeze the account.
//!
//! Each step is one movement with its state in the same transaction; the state decides the next step, until
//! nothing follows from the news any more. A crash in between loses nothing: the news comes again.

use super::movements::{freezing, movement, taking_cause};
use crate::{
    Billing, BillingFailure, News, Next, Pause, Quarantine, RefundRequest, Step, WebhookAnswer,
    error::{known, stated},
    facts::source::Told,
    fraud_warnings::state::TakenFrom,
    orders::session::ATTEMPTS_MAX,
    payments::find::{GrantRecord, Granted},
    reversals::lots::parts_to_return,
};
use alerts::{Alert, AlertKind};
use ledger::{Cause, CauseKind, Command, Companions, GrantRef, Movement, Part, Posted, Refusal, TakeKind};
use money::{Money, PositiveMoney};
use stripe_client::{Dispute, Refund, RefundStatus};
use tables::{Stored, Together, WorkWrite};
use terms::{HoldId, RefundRequestId};

/// A refund or dispute as it was told, with the payment that it is of.
pub(crate) struct Reported {
    pub(crate) news: News,
    currency: String,
    livemode: bool,
    payment: Option<String>,
    charge: Option<String>,
    /// When the money went, in unix seconds: a refund when it was made, a dispute when the news came.
    pub(crate) went_at: i64,
    /// Our own request that Stripe was asked with.
    request: Option<RefundRequestId>,
    /// The money left us, came back and left us again.
    withdrawn_again: bool,
}

/// A step on a grant's books.
pub(super) struct Movable<'a> {
    pub(super) grant: &'a GrantRecord,
    pub(super) grant_ref: GrantRef,
    pub(super) reported: &'a Reported,
    pub(super) next: &'a Next,
    pub(super) told: &'a Told,
    pub(super) request: Option<Stored<RefundRequest>>,
}

impl Billing {
    /// A refund, from an event or read at Stripe.
    pub(crate) async fn on_refund(
        &self,
        refund: &Refund,
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        let status = refund.status.as_ref();
        let undone = matches!(status, Some(RefundStatus::Failed | RefundStatus::Canceled));
        let pending = matches!(status, Some(RefundStatus::Pending | RefundStatus::RequiresAction));
        let news = News {
            object: refund.id.clone(),
            kind: TakeKind::Refund,
            amount: stated(&refund.id, refund.amount)?,
            takes: !undone,
            undone,
            pending,
            open: false,
            closed: false,
            appealed: false,
            at: told.occurred_at,
        };
        let request = refund.metadata.get("refund_request");
        let reported = Reported {
            news,
            currency: refund.currency.clone(),
            livemode: told.livemode,
            payment: refund.payment_intent.clone(),
            charge: refund.charge.clone(),
            went_at: refund.created,
            request: request.and_then(|id| RefundRequestId::parse(id).ok()),
            withdrawn_again: false,
        };
        self.on_reversal(&reported, told).await
    }

    /// A dispute, from an event or read at Stripe; `withdrawn` and `reinstated` by the event's type.
    pub(crate) async fn on_dispute(
        &self,
        dispute: &Dispute,
        withdrawn: bool,
        reinstated: bool,
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        let undone = reinstated || dispute.reinstated();
        let news = News {
            object: dispute.id.clone(),
            kind: TakeKind::Dispute,
            amount: stated(&dispute.id, dispute.amount)?,
            takes: withdrawn || undone || dispute.withdrawn(),
            undone,
            pending: false,
            open: dispute.is_open(),
            closed: dispute.is_closed(),
            appealed: dispute.is_appeal(),
            at: told.as_of(self, dispute.is_appeal()),
        };
        let reported = Reported {
            news,
            currency: dispute.currency.clone(),
            livemode: dispute.livemode,
            payment: dispute.payment_intent.clone(),
            charge: dispute.charge.clone(),
            went_at: told.occurred_at.as_seconds(),
            request: None,
            withdrawn_again: dispute.withdrawn_again(),
        };
        self.on_reversal(&reported, told).await
    }

    async fn on_reversal(&self, reported: &Reported, told: &Told) -> Result<WebhookAnswer, BillingFailure> {
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

    fn taking(&self, movable: &Movable<'_>, credits: Money) -> Result<Movement, BillingFailure> {
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

    async fn giving_back(&self, movable: &Movable<'_>, credits: Money) -> Result<Movement, BillingFailure> {
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
fn taken_from(movable: &Movable<'_>) -> TakenFrom {
    let Step::Take(credits) = movable.next.step else { return TakenFrom::Lots };
    if !credits.is_positive() {
        return TakenFrom::Lots;
    }
    let approved = movable.request.as_ref().filter(|request| request.record.holds(Money::ZERO));
    let enough = approved.map(|request| request.record.holds(credits));
    TakenFrom::of(movable.reported.news.kind, enough, movable.grant.freeze())
}

/// Whether a step without credits is the end of what a hold was made for.
fn ends_hold(step: Step, news: &News) -> bool {
    matches!(step, Step::Take(_)) || news.undone
}
