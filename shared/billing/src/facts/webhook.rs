//! Stripe's webhook: verify, decide, one transaction. No queue between.
//!
//! 200 means decided, put into manual review, or none of ours; a failure of our own is an error, and Stripe sends the
//! event again.

use crate::{BillingFailure, FactOutcome, StripeKeys, facts::Facts, limits::CONTENTION_LASTS};
use platform::CachedSecret;
use std::sync::Arc;
use stripe_client::{
    event::{self},
    signature::{self, SignatureRefused},
};
use tables::Backoff;
use terms::{Failing, Meaning, Timestamp};

/// Why a delivery is not Stripe's. Refused with 400; nothing is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    #[error("the signature does not match")]
    Signature,
    /// Signed, but not an event of the kind that this endpoint accepts.
    #[error("the body is not a snapshot event")]
    NotAnEvent,
}

impl Facts {
    /// Takes one delivery: raw body, signature header, the secret with the endpoint's signing secrets. After a
    /// failure the response is 5xx, and Stripe delivers it again.
    ///
    /// While other writers are in the way, the delivery is decided again inside the request, as long as `go_on` says
    /// and at most [`CONTENTION_LASTS`]: a busy account is no reason to make Stripe deliver it again.
    pub async fn receive(
        &self,
        raw_body: &[u8],
        signature_header: Option<&str>,
        keys: &CachedSecret<StripeKeys>,
        go_on: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Result<FactOutcome, WebhookRefusal>, BillingFailure> {
        let now = self.clock.now();
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
            // Boxed: handling an event is deep.
            match Box::pin(self.decide(&event)).await {
                Err(failure)
                    if failure.meaning() == Meaning::Contended && go_on() && backoff.again().await => {}
                decided => break decided?,
            }
        };
        tracing::info!(event = event.id, kind = event.kind, answer = ?answer, "webhook decided");
        Ok(Ok(answer))
    }
}

/// If no secret in memory explains a signature, it may be of a new one: the secrets are read again, at a limited
/// rate.
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
