//! Which room decides an event's fact.

use crate::{
    BillingFailure, FactOutcome,
    facts::{Facts, read::known, source::EventSource},
};
use ledger::{Cause, CauseKind};
use stripe_client::{
    Invoice,
    event::{Event, Fact, InvoiceChange},
};

impl Facts {
    pub(crate) async fn decide(&self, event: &Event) -> Result<FactOutcome, BillingFailure> {
        // Boxed: handling one event is deep, and every caller's future would hold all of it.
        match Box::pin(self.decide_fact(event)).await {
            // An amount that no account can hold: the same event would always fail.
            Err(BillingFailure::StatedAmount { .. }) => {
                self.add_undecidable(&event.id, &EventSource::of(event)).await
            }
            decided => decided,
        }
    }

    /// An event that cannot be read, or states an amount that no account can hold: a person decides.
    pub(crate) async fn add_undecidable(
        &self,
        object: &str,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        self.review_queue.add_undecidable(object, source).await
    }

    /// Decides an event's fact. If the event is rendered in another API version, its object is read again by id.
    async fn decide_fact(&self, event: &Event) -> Result<FactOutcome, BillingFailure> {
        if event.is_of_our_train() || matches!(event.fact, Fact::Unknown) {
            return self.decide_rendered(event, &EventSource::of(event)).await;
        }
        let Some(object) = &event.object else {
            return self.add_undecidable(&event.id, &EventSource::of(event)).await;
        };
        if self.was_granted(&event.kind, object).await? {
            return Ok(FactOutcome::Replayed);
        }
        match self.stripe.event_now(event).await {
            // Stripe would refuse it every time.
            Err(refused) if refused.is_definite() && !refused.is_missing() => {
                platform::log::failure("an event's object was not read again", &refused);
                self.add_undecidable(&event.id, &EventSource::of(event)).await
            }
            read => match known(object, read)? {
                Some(now) => self.decide_rendered(&now, &EventSource::of_read(&now)).await,
                None => Ok(FactOutcome::NotOurs),
            },
        }
    }

    /// Whether an event reports a payment whose grant is on the books, with nothing left to do.
    async fn was_granted(&self, kind: &str, object: &str) -> Result<bool, BillingFailure> {
        let cause = match kind {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
                CauseKind::CheckoutSession
            }
            "payment_intent.succeeded" => CauseKind::PaymentIntent,
            "invoice.paid" => CauseKind::Invoice,
            _ => return Ok(false),
        };
        let granted = self.ledger.find(&Cause::new(cause, object)).await?.is_some();
        // What was refunded of an invoice in manual review may still have to be reversed.
        Ok(granted && (cause != CauseKind::Invoice || self.review_queue.of_invoice(object).await?.is_none()))
    }

    /// A paid invoice. What was refunded or disputed of it while it was in manual review is reversed at once.
    pub(crate) async fn on_paid_invoice(
        &self,
        invoice: &Invoice,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let paid = self.subscriptions.on_paid_invoice(invoice, source).await?;
        if paid.left_review {
            self.reversals.apply_to_invoice(&invoice.id).await?;
        }
        Ok(paid.outcome)
    }

    async fn decide_rendered(
        &self,
        event: &Event,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        match &event.fact {
            Fact::CheckoutSession { change, session } => {
                self.orders.on_checkout_session(*change, session, source).await
            }
            Fact::Invoice { change, invoice } => {
                let answer = match change {
                    InvoiceChange::Paid => self.on_paid_invoice(invoice, source).await?,
                    InvoiceChange::PaymentFailed | InvoiceChange::PaymentActionRequired => {
                        FactOutcome::NothingToDo
                    }
                };
                self.subscriptions.after_invoice(*change, invoice, answer).await
            }
            Fact::Subscription { subscription, .. } => self.subscriptions.mirror(&subscription.id).await,
            // The credits of a Checkout are granted for its session; its payment intent grants nothing again.
            Fact::PaymentIntent { payment_intent, .. } => {
                self.top_up.on_payment_intent(payment_intent, source).await
            }
            // The amounts of single refunds come with `refund.*`.
            Fact::ChargeRefunded(_) | Fact::Unknown => Ok(FactOutcome::NotOurs),
            Fact::Refund { refund, .. } => self.reversals.on_refund(refund, source).await,
            Fact::EarlyFraudWarning(warning) => self.reversals.on_fraud_warning(warning, source).await,
            Fact::Dispute { change, dispute } => {
                self.reversals.on_dispute(dispute, Some(*change), source).await
            }
            Fact::Undecodable => self.add_undecidable(&event.id, source).await,
        }
    }
}
