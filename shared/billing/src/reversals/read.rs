//! The refunds, disputes and fraud warnings of a payment, read at Stripe: all of them, or the open ones.

use crate::{
    BillingFailure,
    facts::{read::known, source::EventSource},
    payments::{
        find::FoundGrant,
        grant::{GrantRecord, Granted},
    },
    reversals::RefundsAndDisputes,
};
use ledger::TakeKind;
use stripe_client::StripeFailure;

impl RefundsAndDisputes {
    /// The grant of a payment, posted now if it is not on the books yet. What was refunded or disputed of an invoice
    /// while it was in manual review is reversed first: once it is granted, this is not called again.
    pub(super) async fn grant_of(
        &self,
        payment: &str,
        source: &EventSource,
    ) -> Result<Granted, BillingFailure> {
        // Boxed: finding a grant is deep.
        match Box::pin(self.payments.grant_of(payment, source)).await? {
            FoundGrant { granted: Granted::Grant(grant), left_review: Some(invoice) } => {
                self.apply_to_invoice(&invoice).await?;
                let grant = self.payments.read_again(&grant).await?;
                Ok(grant.map_or(Granted::Nothing, GrantRecord::answer))
            }
            FoundGrant { granted, .. } => Ok(granted),
        }
    }

    /// Reverses what was refunded or disputed of an invoice while nothing was granted for it.
    pub(crate) async fn apply_to_invoice(&self, invoice: &str) -> Result<(), BillingFailure> {
        let ties = known(invoice, self.stripe.payments_of_invoice(invoice).await)?.unwrap_or_default();
        for payment in ties.into_iter().filter_map(|tie| tie.payment_intent) {
            Box::pin(self.apply_to(&payment)).await?;
        }
        Ok(())
    }

    /// Handles every refund, dispute and fraud warning of a payment, as Stripe lists them.
    pub(crate) async fn apply_to(&self, payment: &str) -> Result<(), BillingFailure> {
        let refunds = known(payment, self.stripe.refunds_of(payment).await)?;
        for refund in refunds.into_iter().flatten() {
            self.on_refund(&refund, &EventSource::read(refund.created, self.clock.now(), self.livemode))
                .await?;
        }
        let disputes = known(payment, self.stripe.disputes_of(payment).await)?;
        for dispute in disputes.into_iter().flatten() {
            let source = EventSource::read(dispute.created, self.clock.now(), self.livemode);
            self.on_dispute(&dispute, None, &source).await?;
        }
        let warnings = known(payment, self.stripe.early_fraud_warnings_of(payment).await)?;
        for warning in warnings.into_iter().flatten() {
            let source = EventSource::read(warning.created, self.clock.now(), self.livemode);
            Box::pin(self.on_fraud_warning(&warning, &source)).await?;
        }
        Ok(())
    }

    /// Reads the pending refunds and open disputes of a grant by id, and holds what a fraud warning has to freeze.
    pub(crate) async fn check_open(&self, grant: &GrantRecord) -> Result<(), BillingFailure> {
        for (object, reversal) in grant.reversals().objects.iter().filter(|(_, reversal)| reversal.is_open())
        {
            match reversal.kind() {
                TakeKind::Refund => match self.stripe.refund(object).await {
                    Ok(refund) => {
                        self.on_refund(
                            &refund,
                            &EventSource::read(refund.created, self.clock.now(), self.livemode),
                        )
                        .await?;
                    }
                    Err(failure) => gone(object, failure)?,
                },
                TakeKind::Dispute => match self.stripe.dispute(object).await {
                    Ok(dispute) => {
                        let source = EventSource::read(dispute.created, self.clock.now(), self.livemode);
                        self.on_dispute(&dispute, None, &source).await?;
                    }
                    Err(failure) => gone(object, failure)?,
                },
            }
        }
        self.fraud_warnings
            .freeze_what_returned(grant, &EventSource::read(0, self.clock.now(), self.livemode))
            .await
    }
}

/// An object that Stripe no longer has stays as it is, with an alarm: reading again changes nothing.
fn gone(object: &str, failure: StripeFailure) -> Result<(), BillingFailure> {
    if !failure.is_missing() {
        return Err(BillingFailure::Stripe(failure));
    }
    tracing::error!(
        alarm = "object-gone",
        object,
        "Stripe no longer has an object that is open in our books"
    );
    Ok(())
}
