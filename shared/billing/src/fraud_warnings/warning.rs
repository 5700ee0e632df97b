//! Early fraud warnings: what is left of the purchase is put aside until finance lifts the warning or the payment is
//! refunded. Nothing is taken, and all other credits can be spent.

use crate::{
    Billing, BillingFailure, FreezeStep, Pause, Quarantine, Quarantined, ResolveRefusal, WebhookAnswer,
    error::known,
    facts::source::Told,
    orders::session::ATTEMPTS_MAX,
    payments::find::{GrantRecord, Granted},
};
use alerts::{Alert, AlertKind};
use ledger::{Cause, CauseKind, Command, Companions, GrantRef, Movement, Posted, Refusal};
use money::PositiveMoney;
use stripe_client::EarlyFraudWarning;
use tables::{Stored, Together, WorkWrite};
use terms::{Actor, Fingerprint, HoldId, Timestamp};

impl Billing {
    /// A warning, from an event or read at Stripe.
    pub(crate) async fn on_early_fraud_warning(
        &self,
        warning: &EarlyFraudWarning,
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        let Some(payment) = self.payment_warned_of(warning).await? else { return Ok(WebhookAnswer::NotOurs) };
        if warning.livemode != self.livemode {
            let reason = Quarantine::LivemodeMismatch;
            self.quarantine(told.quarantined(self, &warning.id, reason, None)).await?;
            return Ok(WebhookAnswer::Quarantined(reason));
        }
        let reason = Quarantine::EarlyFraudWarning;
        for _ in 0..ATTEMPTS_MAX {
            let grant = match self.grant_of_payment(&payment, told).await? {
                Granted::NotOurs => return Ok(WebhookAnswer::NotOurs),
                Granted::Nothing => None,
                Granted::Grant(grant) => Some(grant),
            };
            let organization = grant.as_ref().map(GrantRecord::organization);
            let fact = told.quarantined(self, &warning.id, reason, organization);
            self.quarantine(Quarantined { payment: Some(payment.clone()), ..fact }).await?;
            // What is granted later reads its warnings again.
            let Some(grant) = grant else { return Ok(WebhookAnswer::Quarantined(reason)) };
            if self.note_warning(&grant, warning).await? {
                self.keep_frozen(&grant, told).await?;
                return Ok(WebhookAnswer::Quarantined(reason));
            }
        }
        Err(BillingFailure::Contended)
    }

    async fn payment_warned_of(&self, warning: &EarlyFraudWarning) -> Result<Option<String>, BillingFailure> {
        if warning.payment_intent.is_some() {
            return Ok(warning.payment_intent.clone());
        }
        let Some(charge) = &warning.charge else { return Ok(None) };
        Ok(known(charge, self.stripe.charge(charge).await)?.and_then(|charge| charge.payment_intent))
    }

    /// Notes a warning on the grant's record and tells the owner, unless finance has decided on it. `false`: a record
    /// changed meanwhile.
    async fn note_warning(
        &self,
        grant: &GrantRecord,
        warning: &EarlyFraudWarning,
    ) -> Result<bool, BillingFailure> {
        if grant.freeze().warnings.contains_key(&warning.id) {
            return Ok(true);
        }
        let key = Quarantined::key_of(&warning.id, Quarantine::EarlyFraudWarning);
        let Some(fact) = self.work.get::<Quarantined>(&key).await? else { return Ok(false) };
        let lifted = fact.record.resolution.is_some();
        let now = self.clock.now();
        let freeze = grant.freeze().warned(&warning.id, lifted);
        // Finance's decision, if it comes between, is looked at first.
        let mut writes = vec![
            grant.with_freeze(grant.reversals().clone(), freeze, now)?,
            WorkWrite::replace(&fact, &fact.record)?,
        ];
        if !lifted {
            let told = AlertKind::CreditsFrozen { source: grant.source().to_owned() };
            let raised_at = Timestamp::from_seconds(warning.created);
            let organization = grant.organization().clone();
            // The saved card may be the reported one: it is not charged, whether or not anything is left to hold.
            writes.extend(self.pause_top_up(&organization, Pause::Disputed).await?);
            writes.push(Alert::new(organization, warning.id.clone(), raised_at, told).write()?);
        }
        Ok(self.work.write_together(&writes).await? == Together::Done)
    }

    /// Brings the hold of a grant's warnings in step with what stands of the grant.
    pub(crate) async fn keep_frozen(&self, grant: &GrantRecord, told: &Told) -> Result<(), BillingFailure> {
        for _ in 0..ATTEMPTS_MAX {
            let Some(grant) = self.read_again(grant).await? else { return Ok(()) };
            let Some((cause, terms)) = grant.granted() else { return Ok(()) };
            let left = terms.granted.minus(grant.reversals().posted)?;
            let Some((step, after)) = grant.freeze().next(left) else { return Ok(()) };
            let recorded = self.ledger.find(&cause).await?;
            let recorded = recorded.ok_or_else(|| BillingFailure::missing("grant", &cause.id))?;
            let grant_ref = GrantRef { seq: recorded.receipt.seq, kind: grant.kind() };
            let write = grant.with_freeze(grant.reversals().clone(), after, self.clock.now())?;
            let Some(movement) = freezing(&grant, &step, (grant_ref, left), Some(told.occurred_at)) else {
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
            // Another writer came first: it is looked at again in the next run.
            if self.work.write_together(&[write]).await? != Together::Done {
                return Ok(());
            }
        }
        self.keep_frozen(&grant, &Told::read(self, 0)).await
    }

    /// Finance lifts a warning: its fact is resolved, and what it holds is returned, in one transaction. `None`: a
    /// record changed meanwhile, look again.
    pub(crate) async fn lift(
        &self,
        fact: &Stored<Quarantined>,
        resolved: Quarantined,
        actor: &Actor,
    ) -> Result<Option<Result<Quarantined, ResolveRefusal>>, BillingFailure> {
        let mut work = vec![WorkWrite::replace(fact, &resolved)?];
        let known = match &fact.record.payment {
            Some(payment) => self.known_grant(payment).await?,
            None => None,
        };
        let Some(Granted::Grant(grant)) = known else {
            let done = self.work.write_together(&work).await? == Together::Done;
            return Ok(done.then_some(Ok(resolved)));
        };
        let freeze = grant.freeze().warned(&fact.record.object, true);
        let release = match (&freeze.hold, freeze.is_active()) {
            (Some(hold), false) => Some(FreezeStep::Release(hold.clone())),
            _ => None,
        };
        let after = if release.is_some() { freeze.taken() } else { freeze };
        work.push(grant.with_freeze(grant.reversals().clone(), after, self.clock.now())?);
        let Some(step) = release else {
            let done = self.work.write_together(&work).await? == Together::Done;
            return Ok(done.then_some(Ok(resolved)));
        };
        let none = (GrantRef { seq: 0, kind: grant.kind() }, money::Money::ZERO);
        let Some(movement) = freezing(&grant, &step, none, None) else { return Ok(None) };
        let movement = Movement { actor: actor.clone(), ..movement };
        let with = Companions { work, ..Companions::default() };
        match self.ledger.post(&movement, &with).await? {
            Ok(Posted::Receipt(_)) => Ok(Some(Ok(resolved))),
            // The same release by another step wrote nothing of this decision.
            Ok(Posted::Replay(_)) | Err(Refusal::RecordChanged { .. } | Refusal::HoldEnded { .. }) => {
                Ok(None)
            }
            Err(refusal) => Err(BillingFailure::refused("freeze-refused", &fact.record.object, refusal)),
        }
    }
}

/// The movement of a step; `None` where nothing is left to hold.
fn freezing(
    grant: &GrantRecord,
    step: &FreezeStep,
    (grant_ref, left): (GrantRef, money::Money),
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
