//! Early fraud warnings: the unspent credits of the purchase are held until finance lifts the warning or the payment
//! is refunded. Nothing is reversed, and all other credits can be spent.

use crate::{
    BillingFailure, FactOutcome, ManualReview, Pause, ReviewReason,
    facts::{read::known, source::EventSource},
    fraud_warnings::{FraudWarnings, standing::ReadWarnings},
    payments::grant::GrantRecord,
    top_up::pause::pause_writes,
};
use alerts::{Alert, AlertKind};
use stripe_client::EarlyFraudWarning;
use tables::{Together, WorkWrite};
use terms::Timestamp;

impl FraudWarnings {
    /// The payment that a warning is about.
    pub(crate) async fn payment_of(
        &self,
        warning: &EarlyFraudWarning,
    ) -> Result<Option<String>, BillingFailure> {
        if warning.payment_intent.is_some() {
            return Ok(warning.payment_intent.clone());
        }
        let Some(charge) = &warning.charge else { return Ok(None) };
        Ok(known(charge, self.stripe.charge(charge).await)?.and_then(|charge| charge.payment_intent))
    }

    /// Handles a warning of a payment with its grant. `None`: a record changed meanwhile, read again.
    pub(crate) async fn receive(
        &self,
        warning: &EarlyFraudWarning,
        (payment, grant): (&str, Option<&GrantRecord>),
        source: &EventSource,
    ) -> Result<Option<FactOutcome>, BillingFailure> {
        let reason = ReviewReason::EarlyFraudWarning;
        let organization = grant.map(GrantRecord::organization);
        let fact = self.review_queue.of_fact(&warning.id, reason, organization, source);
        self.review_queue.add(ManualReview { payment: Some(payment.to_owned()), ..fact }).await?;
        // A later grant reads its warnings again.
        let Some(grant) = grant else { return Ok(Some(FactOutcome::ManualReview(reason))) };
        if !self.note_warning(grant, warning).await? {
            return Ok(None);
        }
        self.keep_frozen(grant, source).await?;
        Ok(Some(FactOutcome::ManualReview(reason)))
    }

    /// Records a warning in the grant's record and alerts the owner, unless finance has decided on it. `false`: a
    /// record changed meanwhile.
    async fn note_warning(
        &self,
        grant: &GrantRecord,
        warning: &EarlyFraudWarning,
    ) -> Result<bool, BillingFailure> {
        if grant.freeze().knows(&warning.id) {
            return Ok(true);
        }
        let key = ManualReview::key_of(&warning.id, ReviewReason::EarlyFraudWarning);
        let Some(fact) = self.work.get::<ManualReview>(&key).await? else { return Ok(false) };
        let lifted = fact.record.resolution.is_some();
        let now = self.clock.now();
        let freeze = grant.freeze().warned(&warning.id, lifted.into());
        // If finance decides in between, that decision is read first.
        let mut writes = vec![
            grant.with_freeze(grant.reversals().clone(), freeze, now)?,
            WorkWrite::replace(&fact, &fact.record)?,
        ];
        if !lifted {
            let standing = ReadWarnings::of(&self.work, grant.organization()).await?;
            writes.push(standing.with(&warning.id)?);
            let kind = AlertKind::CreditsFrozen { source: grant.source().to_owned() };
            let raised_at = Timestamp::from_seconds(warning.created);
            let organization = grant.organization().clone();
            // The saved card may be the reported one: it is not charged, whether or not anything is left to hold.
            writes.extend(pause_writes(&self.work, &organization, Pause::Disputed, self.clock.now()).await?);
            writes.push(Alert::new(organization, warning.id.clone(), raised_at, kind).write()?);
        }
        Ok(self.work.write_together(&writes).await? == Together::Done)
    }
}
