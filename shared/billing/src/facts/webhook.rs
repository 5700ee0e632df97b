//! Stripe's webhook: verify, decide, one transaction. No queue between.
//!
//! 200 means decided, kept, or none of ours; a failure of our own is an error, and Stripe sends it again.

use crate::{Billing, BillingFailure, Quarantine, StripeKeys, error::known, facts::source::Told};
use ledger::{Cause, CauseKind};
use platform::CachedSecret;
use std::{sync::Arc, time::Duration};
use stripe_client::{
    event::{self, DisputeChange, Event, Fact, InvoiceChange},
    signature::{self, SignatureRefused},
};
use tables::Backoff;
use terms::{Failing, Meaning, Timestamp};

/// No further attempt at a delivery is begun later than this after its first; one attempt waits 5 s at most for
/// other writers ([`Backoff::ELAPSED_MS_MAX`]).
pub const CONTENTION_LASTS: Duration = Duration::from_secs(8);

/// What became of a delivery. All of these are answered with 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookAnswer {
    /// Credits were granted.
    Granted,
    /// They had been granted before.
    Replayed,
    /// An order moved to another displayed state.
    OrderMoved,
    /// A refund or dispute took, gave back, froze or lifted.
    Reversed,
    /// A subscription's standing was mirrored.
    StandingMirrored,
    /// A top-up's charge came to an end without money.
    TopUpEnded,
    /// Ours, and nothing follows from it.
    NothingToDo,
    /// Not about anything of ours, or of a type that we do not handle.
    NotOurs,
    /// Kept for a person, with an alarm.
    Quarantined(Quarantine),
}

/// Why a delivery is not Stripe's. Answered with 400; nothing is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// The signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// Signed, but not an event of the kind that this endpoint takes.
    #[error("the body is not a snapshot event")]
    NotAnEvent,
}

/// Takes one delivery: raw body, signature header, the secret with the endpoint's signing secrets.
///
/// While other writers are in the way, the delivery is decided again inside the request, as long as `go_on` says
/// and at most [`CONTENTION_LASTS`]: a busy account is no reason to give the delivery back to Stripe.
///
/// # Errors
/// [`BillingFailure`]: answer 5xx, Stripe delivers again.
pub async fn receive_webhook(
    billing: &Billing,
    raw_body: &[u8],
    signature_header: Option<&str>,
    keys: &CachedSecret<StripeKeys>,
    go_on: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Result<WebhookAnswer, WebhookRefusal>, BillingFailure> {
    let now = billing.clock.now();
    if let Err(refused) = verify(raw_body, signature_header, keys, now).await {
        tracing::warn!(?refused, "a webhook was refused");
        return Ok(Err(WebhookRefusal::Signature));
    }
    let Ok(event) = event::parse(raw_body) else {
        tracing::error!(alarm = "webhook-shape", "a signed webhook is not a snapshot event");
        return Ok(Err(WebhookRefusal::NotAnEvent));
    };
    let mut backoff = Backoff::lasting(CONTENTION_LASTS);
    let answer = loop {
        match billing.decide_event(&event).await {
            Err(failure) if failure.meaning() == Meaning::Contended && go_on() && backoff.again().await => {}
            decided => break decided?,
        }
    };
    tracing::info!(event = event.id, kind = event.kind, answer = ?answer, "webhook decided");
    Ok(Ok(answer))
}

/// A signature that no held secret explains may be of a new one: the secrets are read again, at a bounded rate.
async fn verify(
    raw_body: &[u8],
    header: Option<&str>,
    keys: &CachedSecret<StripeKeys>,
    now: Timestamp,
) -> Result<(), SignatureRefused> {
    let with = |keys: &StripeKeys| {
        let secrets: Vec<&str> = keys.webhook_secrets.iter().map(|secret| secret.reveal().as_str()).collect();
        signature::verify(raw_body, header, &secrets, now.as_seconds())
    };
    let held = keys.current().await;
    match with(&held) {
        Err(SignatureRefused::NoMatch) => {}
        decided => return decided,
    }
    let newer = keys.instead_of(&held).await;
    if Arc::ptr_eq(&newer, &held) { Err(SignatureRefused::NoMatch) } else { with(&newer) }
}

impl Billing {
    pub(crate) async fn decide_event(&self, event: &Event) -> Result<WebhookAnswer, BillingFailure> {
        // Boxed: what one event leads to is deep, and every caller's future would hold all of it.
        match Box::pin(self.decide_fact(event)).await {
            // Figures that no money can hold: the same event would fail for ever.
            Err(BillingFailure::StatedAmount { .. }) => self.keep(&event.id, &Told::of(event)).await,
            decided => decided,
        }
    }

    /// What an event reports. One that is rendered in another version's words is read again: its object by id.
    async fn decide_fact(&self, event: &Event) -> Result<WebhookAnswer, BillingFailure> {
        if event.is_of_our_train() || matches!(event.fact, Fact::Unknown) {
            return self.decide_rendered(event, &Told::of(event)).await;
        }
        let Some(object) = &event.object else { return self.keep(&event.id, &Told::of(event)).await };
        if self.was_granted(&event.kind, object).await? {
            return Ok(WebhookAnswer::Replayed);
        }
        match self.stripe.event_now(event).await {
            // Stripe will not say it another time either.
            Err(refused) if refused.is_definite() && !refused.is_missing() => {
                platform::log::failure("an event's object was not read again", &refused);
                self.keep(&event.id, &Told::of(event)).await
            }
            read => match known(object, read)? {
                Some(now) => self.decide_rendered(&now, &Told::of_read(&now)).await,
                None => Ok(WebhookAnswer::NotOurs),
            },
        }
    }

    /// Whether an event reports a payment whose grant is on the books, with nothing left to follow from it.
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
        // What had been refunded of a quarantined invoice may have to be taken still.
        Ok(granted && (cause != CauseKind::Invoice || self.was_quarantined(object).await?.is_none()))
    }

    async fn decide_rendered(&self, event: &Event, told: &Told) -> Result<WebhookAnswer, BillingFailure> {
        match &event.fact {
            Fact::CheckoutSession { change, session } => {
                self.on_checkout_session(*change, session, told).await
            }
            Fact::Invoice { change, invoice } => {
                let answer = match change {
                    InvoiceChange::Paid => self.on_invoice_paid(invoice, told).await?,
                    InvoiceChange::PaymentFailed | InvoiceChange::PaymentActionRequired => {
                        WebhookAnswer::NothingToDo
                    }
                };
                self.after_invoice(*change, invoice, answer).await
            }
            Fact::Subscription { subscription, .. } => self.mirror_standing(&subscription.id).await,
            // The credits of a Checkout come with its session; a payment intent of it grants nothing again.
            Fact::PaymentIntent { payment_intent, .. } => self.on_payment_intent(payment_intent, told).await,
            // The amounts of single refunds come with `refund.*`.
            Fact::ChargeRefunded(_) | Fact::Unknown => Ok(WebhookAnswer::NotOurs),
            Fact::Refund { refund, .. } => self.on_refund(refund, told).await,
            Fact::EarlyFraudWarning(warning) => self.on_early_fraud_warning(warning, told).await,
            Fact::Dispute { change, dispute } => {
                let reinstated = *change == DisputeChange::FundsReinstated;
                let withdrawn = *change == DisputeChange::FundsWithdrawn;
                self.on_dispute(dispute, withdrawn, reinstated, told).await
            }
            Fact::Undecodable => self.keep(&event.id, told).await,
        }
    }

    /// Keeps news whose effect is not decided here, with an alarm, so that a person acts on it.
    pub(crate) async fn keep(&self, object: &str, told: &Told) -> Result<WebhookAnswer, BillingFailure> {
        self.quarantine(told.quarantined(self, object, Quarantine::NotDecidable, None)).await?;
        Ok(WebhookAnswer::Quarantined(Quarantine::NotDecidable))
    }
}
